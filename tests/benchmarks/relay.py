"""The relay, while orders are taken as fast as the machine can."""

import threading
import time
from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.system import System

CLIENTS = 64
SAMPLE_SECONDS = 0.1
BACKLOG = "SELECT count(*) FROM orders_outboxmessage WHERE published_at IS NULL"
# Growth of the backlog, as a share of the orders taken: more would be falling behind.
AIM = 0.01


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Tell how far the relay lags behind intake, and whether the lag grows."""
    system.reset()
    # The embedded broker gives no room to what nobody reads.
    readers = ["kitchen"] if system.kafka.is_embedded else []
    system.run("auth", "web", "orders", *readers)
    tokens = system.customers(8)
    found = [_run(system, tokens, seconds=4 if quick else 10) for _ in range(runs)]
    taken, most, growth = (median(values) for values in zip(*found, strict=True))
    return [
        Figure(
            what=f"Relay while {CLIENTS} clients order",
            measured=f"backlog grows {growth:+,.0f}/s, at most {most:,.0f}",
            baseline=f"intake: {taken:,.0f} orders/s",
            ratio=f"{growth / taken:+.3f}",
            aim=f"≤ {AIM:.2f}",
            is_reached=growth / taken <= AIM,
        )
    ]


def _run(system: System, tokens: list[str], *, seconds: float) -> tuple[float, int, float]:
    """Give orders taken a second, the longest backlog, and its growth a second."""
    samples: list[tuple[float, int]] = []
    done = threading.Event()

    def sample() -> None:
        with system.sql("orders") as orders:
            while not done.wait(SAMPLE_SECONDS):
                ((count,),) = orders.execute(BACKLOG).fetchall()
                samples.append((time.monotonic(), count))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        outcome = system.place(tokens, clients=CLIENTS, seconds=seconds)
    finally:
        done.set()
        sampler.join()
    return outcome.rate, max(count for _, count in samples), slope(samples)


def slope(points: list[tuple[float, int]]) -> float:
    """Give the growth a second of the line that fits the points best (least squares)."""
    middle = sum(x for x, _ in points) / len(points)
    mean = sum(y for _, y in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * (y - mean) for x, y in points) / spread
