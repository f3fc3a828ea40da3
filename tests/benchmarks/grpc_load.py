"""A bare gRPC echo server, and a load generator for unary calls, each in a process of its own.

python -m tests.benchmarks.grpc_load echo               tells its port, ends with its stdin
python -m tests.benchmarks.grpc_load call < plan.json   tells the calls answered a second
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc

ECHO = "/bench.Echo/Echo"
THREADS = 8


def calls_per_second(port: int, method: str, messages: Sequence[bytes], seconds: float) -> float:
    """Call from `THREADS` threads of a new process, each as soon as it has its answer."""
    plan = {
        "port": port,
        "method": method,
        "messages": [message.hex() for message in messages],
        "seconds": seconds,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.grpc_load", "call"],
        input=json.dumps(plan),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=seconds + 60,
    )
    return float(done.stdout)


def _call(port: int, method: str, messages: Sequence[str], seconds: float) -> float:
    requests = [bytes.fromhex(message) for message in messages]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary(method, None, None)
        call(requests[0], timeout=10, wait_for_ready=True)
        started = time.perf_counter()
        counts = [0] * THREADS

        def work(number: int) -> None:
            i = number
            while time.perf_counter() < started + seconds:
                call(requests[i % len(requests)], timeout=10)
                i += 1
            counts[number] = i - number

        threads = [threading.Thread(target=work, args=[number]) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / (time.perf_counter() - started)


def _echo() -> None:
    def answer(message: bytes, _context: grpc.ServicerContext) -> bytes:
        return message

    server = grpc.server(ThreadPoolExecutor(THREADS))
    service, method = ECHO.strip("/").split("/")
    handlers = {method: grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 - what the caller waits for
    sys.stdin.read()
    server.stop(0)


if __name__ == "__main__":
    if sys.argv[1] == "echo":
        _echo()
    else:
        print(_call(**json.load(sys.stdin)))  # noqa: T201
