"""A Kafka-protocol broker inside this process: librdkafka's own mock cluster.

Real protocol over TCP on loopback, everything in memory: 4 partitions a topic, made when first
asked for, and about 5 MB kept in each (see `headroom.py`). It forgets all when it ends, and has
another port the next time.

    python -m restaurant.messaging.embedded_broker

prints one line of JSON, `{"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:40001"}`, and serves until SIGTERM,
SIGINT, or the end of its standard input. Whoever starts it holds that pipe open, so that it ends
with its starter, also when that one is killed.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from restaurant.messaging.errors import BrokerUnavailable

START_SECONDS = 10


def serve(announce: Callable[[str], None], stop: threading.Event) -> None:
    """Run the broker until `stop` is set; `announce` is given its `host:port` once it answers.

    Raises `BrokerUnavailable` when it does not come up.
    """
    # The cluster lives as long as the client that carries it.
    client = AdminClient({"test.mock.num.brokers": 1, "log_level": 3})
    try:
        brokers = client.list_topics(timeout=START_SECONDS).brokers.values()
    except KafkaException as error:
        raise BrokerUnavailable(f"the embedded broker does not start: {error}") from error
    announce(",".join(f"{broker.host}:{broker.port}" for broker in brokers))
    stop.wait()


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
