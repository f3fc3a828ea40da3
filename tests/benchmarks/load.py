"""A load generator: keep-alive HTTP/1.1 clients, all in one loop, in a process of its own.

Costs about 12 µs of CPU a request, so that it leaves the cores to the servers. Each client has one
request out at a time.
"""

import json
import resource
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

# Stands in a request where each sending must differ, as in an Idempotency-Key.
UNIQUE = "{unique}"
HEADERS_END = b"\r\n\r\n"
LENGTH = b"content-length: "
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Plan:
    """What to send: each client repeats its own requests in turn for so many seconds."""

    port: int
    clients: Sequence[Sequence[str]]
    seconds: float
    status: int
    # Sends a second of all clients together; without it, as fast as answers come.
    rate: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What came back. Latencies are in seconds; `other` counts answers of other statuses."""

    done: int
    rate: float
    p50: float
    p99: float
    cpu_seconds: float
    other: dict[str, int] = field(default_factory=dict)


def request(
    method: str, path: str, *, token: str = "", body: Any = None, unique_key: bool = False
) -> str:
    """Write a request as it goes over the wire."""
    content = "" if body is None else json.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content.encode())}"]
    if unique_key:
        lines.append(f"Idempotency-Key: {UNIQUE}")
    return "\r\n".join([*lines, "", content])


def run(plan: Plan) -> Outcome:
    """Send it from a new process. Raises `RuntimeError` when nothing else than errors came back."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load"],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=plan.seconds + 60,
    )
    outcome = Outcome(**json.loads(done.stdout))
    if not outcome.done or sum(outcome.other.values()) > outcome.done / 100:
        raise RuntimeError(f"the server refuses: {outcome.other}")
    return outcome


class _Client:
    """One connection, and the request that is out on it."""

    def __init__(self, port: int, requests: Sequence[str], prefix: str) -> None:
        self.requests = [text.encode().split(UNIQUE.encode()) for text in requests]
        self.port, self.prefix, self.count = port, prefix, 0
        self.received = b""
        self.is_waiting = False
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, now: float) -> None:
        parts = self.requests[self.count % len(self.requests)]
        self.count += 1
        text = parts[0] if len(parts) == 1 else f"{self.prefix}-{self.count}".encode().join(parts)
        self.received, self.started, self.is_waiting = b"", now, True
        self.socket.sendall(text)

    def answer(self) -> str:
        """Take what has come; gives the status once the answer is whole, else nothing."""
        chunk = self.socket.recv(65536)
        if not chunk:
            self.socket.close()
            self.connect()
            return "closed"
        self.received = self.received + chunk if self.received else chunk
        end = self.received.find(HEADERS_END)
        if end < 0:
            return ""
        head = self.received[:end].lower()
        return head[9:12].decode() if self._is_whole(head, len(self.received) - end - 4) else ""

    def _is_whole(self, head: bytes, size: int) -> bool:
        if b"transfer-encoding: chunked" in head:
            return self.received.endswith(LAST_CHUNK)
        at = head.find(LENGTH)
        return at < 0 or size >= int(head[at + len(LENGTH) :].split(b"\r", 1)[0])


def drive(plan: Plan) -> Outcome:
    """Send it from this process."""
    prefix = f"bench-{time.time_ns():x}"
    idle = deque(
        _Client(plan.port, requests, f"{prefix}-{i}") for i, requests in enumerate(plan.clients)
    )
    selector = selectors.DefaultSelector()
    for client in idle:
        selector.register(client.socket, selectors.EVENT_READ, client)
    answers: Counter[str] = Counter()
    latencies: list[float] = []
    started = now = time.perf_counter()
    end, sent, out = started + plan.seconds, 0, 0
    while now < end or out:
        allowed = len(idle) if plan.rate is None else int((now - started) * plan.rate) + 1 - sent
        while idle and allowed > 0 and now < end:
            idle.popleft().send(now)
            sent, allowed, out = sent + 1, allowed - 1, out + 1
        ready = selector.select(0.001 if plan.rate else 1)
        now = time.perf_counter()
        for key, _ in ready:
            client = key.data
            if not (status := client.answer()):
                continue
            if status == "closed":
                selector.unregister(key.fileobj)
                selector.register(client.socket, selectors.EVENT_READ, client)
            if client.is_waiting:
                client.is_waiting = False
                answers[status] += 1
                latencies.append(now - client.started)
                idle.append(client)
                out -= 1
        if now > end + 30:
            raise TimeoutError(f"{out} requests are not answered")
    return _summary(plan, answers, latencies, now - started)


def _summary(plan: Plan, answers: Counter[str], latencies: list[float], seconds: float) -> Outcome:
    if not latencies:
        raise RuntimeError("nothing was answered")
    done = answers.pop(str(plan.status), 0)
    latencies.sort()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Outcome(
        done=done,
        rate=done / seconds,
        p50=latencies[len(latencies) // 2],
        p99=latencies[len(latencies) * 99 // 100],
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        other=dict(answers),
    )


if __name__ == "__main__":
    json.dump(asdict(drive(Plan(**json.load(sys.stdin)))), sys.stdout)
