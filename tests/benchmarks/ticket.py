"""From an order's commit to its tickets' commit, at a walking pace."""

import threading
import time
from statistics import median

from confluent_kafka import Consumer, Producer

from tests.benchmarks import commits, journey
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.system import System

RATE = 50
AIMS_MS = (25, 80)
TOPIC = "round-trip"


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Order 50 times a second with everything running, and send as many bare records."""
    seconds = 4 if quick else 10
    tokens = journey.start(system)
    trips, tickets = [], []
    for _ in range(runs):
        trips.append(_both(round_trips(system, seconds)))
        tickets.append(_both(_order(system, tokens, seconds)))
    bare_half, bare_most = _medians(trips)
    half, most = _medians(tickets)
    return [
        Figure(
            what=f"Commit → ticket at {RATE} orders/s",
            measured=f"p50 {half:.0f} ms, p99 {most:.0f} ms",
            baseline=f"bare Kafka round trip: {bare_half:.1f}, {bare_most:.1f} ms",
            ratio=f"{half / bare_half:.1f}, {most / bare_most:.1f}",
            aim="≤ {} ms, ≤ {} ms".format(*AIMS_MS),
            is_reached=half <= AIMS_MS[0] and most <= AIMS_MS[1],
        )
    ]


def _both(seconds: list[float]) -> tuple[float, float]:
    return percentile(seconds, 50) * 1000, percentile(seconds, 99) * 1000


def _medians(runs: list[tuple[float, float]]) -> tuple[float, float]:
    return median(half for half, _ in runs), median(most for _, most in runs)


def _order(system: System, tokens: list[str], seconds: float) -> list[float]:
    """Give the seconds from each order's commit to its tickets'."""
    system.place(tokens, clients=16, seconds=seconds, rate=RATE)
    journey.wait(system)
    with system.sql("orders") as orders, system.sql("kitchen") as kitchen:
        # Rows that never change, written with the order and with its tickets.
        placed = commits.times(orders, "orders_timelineentry", key="event_id")
        taken = commits.times(kitchen, "kitchen_inboxmessage", key="event_id")
    latest = sorted(placed.keys() & taken.keys(), key=lambda id_: placed[id_])
    return [taken[id_] - placed[id_] for id_ in latest[-int(seconds * RATE) :]]


def round_trips(system: System, seconds: float) -> list[float]:
    """Send records at the same pace to a reader in another thread; gives each one's seconds."""
    servers = {"bootstrap.servers": system.kafka.bootstrap}
    producer = Producer({**servers, "acks": "all", "linger.ms": 0})
    reader = Consumer({**servers, "group.id": TOPIC, "auto.offset.reset": "earliest"})
    reader.subscribe([TOPIC])
    _send(producer)
    while (first := reader.poll(1)) is None or first.error():
        producer.poll(0)
    found: list[float] = []
    count = int(seconds * RATE)

    def read() -> None:
        while len(found) < count:
            if (record := reader.poll(1)) is not None and not record.error():
                found.append(time.time() - float(record.value() or 0))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(count):
        _send(producer)
        producer.poll(0)
        time.sleep(1 / RATE)
    thread.join(10)
    reader.close()
    return found


def _send(producer: Producer) -> None:
    producer.produce(TOPIC, repr(time.time()))
