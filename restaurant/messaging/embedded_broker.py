"""A Kafka-protocol broker inside this process: librdkafka's own mock cluster.

Real protocol over TCP on loopback, everything in memory: 4 partitions a topic, made when first
asked for, and about 5 MB kept in each (see `headroom.py`). It forgets all when it ends, and has
another port the next time.

    python -m restaurant.messaging.embedded_broker

prints one line of JSON, `{"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:40001"}`, and serves until SIGTERM,
SIGINT, or the end of its standard input. Whoever starts it holds that pipe open, so that it ends
with its starter, also when that one is killed.
"""

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from confluent_kafka import cimpl

from restaurant.messaging.errors import BrokerUnavailable

# How long a group's first member waits for others to join. librdkafka's own three seconds would
# be most of the time from the start to the first delivered order.
REBALANCE_DELAY_MS = 100

_PRODUCER = 0
_POINTER, _INT, _TEXT, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t
# Of librdkafka's rdkafka.h and rdkafka_mock.h: what a function gives, and what it takes.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "rd_kafka_conf_new": (_POINTER, []),
    "rd_kafka_conf_set": (_INT, [_POINTER, _TEXT, _TEXT, _TEXT, _SIZE]),
    "rd_kafka_new": (_POINTER, [_INT, _POINTER, _TEXT, _SIZE]),
    "rd_kafka_handle_mock_cluster": (_POINTER, [_POINTER]),
    "rd_kafka_mock_cluster_bootstraps": (_TEXT, [_POINTER]),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [_POINTER, ctypes.c_int32]),
}


def serve(announce: Callable[[str], None], stop: threading.Event) -> None:
    """Run the broker until `stop` is set; `announce` is given its `host:port` once it answers.

    Raises `BrokerUnavailable` when it does not come up.
    """
    announce(_start())
    stop.wait()


def _start() -> str:
    """Start a mock cluster, which lives as long as the process; gives its `host:port`."""
    library = _librdkafka()
    why = ctypes.create_string_buffer(512)
    configuration = library.rd_kafka_conf_new()
    for name, value in ((b"test.mock.num.brokers", b"1"), (b"log_level", b"3")):
        library.rd_kafka_conf_set(configuration, name, value, why, len(why))
    # The cluster is a part of a client, which sends nothing here.
    client = library.rd_kafka_new(_PRODUCER, configuration, why, len(why))
    if not client:
        raise BrokerUnavailable(f"the embedded broker does not start: {why.value.decode()}")
    cluster = library.rd_kafka_handle_mock_cluster(client)
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, REBALANCE_DELAY_MS)
    return str(library.rd_kafka_mock_cluster_bootstraps(cluster).decode())


def _librdkafka() -> ctypes.CDLL:
    """Open the library by way of the module linked to it, whose Python side knows no clusters."""
    library = ctypes.CDLL(cimpl.__file__)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def main() -> None:
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    def stop_with_starter() -> None:
        # The bare descriptor: a daemon thread must not hold sys.stdin's lock at the end.
        while os.read(0, 1024):
            pass
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    threading.Thread(target=stop_with_starter, daemon=True).start()
    serve(_print_address, stop)


def _print_address(address: str) -> None:
    line = json.dumps({"KAFKA_BOOTSTRAP_SERVERS": address})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
