"""From created to delivered, by all services: in batches, and one message a transaction."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

from tests.benchmarks.commits import COMMITTED_AT
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.system import System
from tests.servers.wait import wait_until

WORKERS = ("orders", "kitchen", "delivery")
AIM_RATIO, AIM_RATE = 20, 1000
LAST: LiteralString = f"SELECT max({COMMITTED_AT}) FROM orders_order t"  # noqa: S608 - own SQL
UNFINISHED = "SELECT count(*) FROM orders_order WHERE status_rank < 100"


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Deliver what is ordered at once, with cooking and travelling times of nothing."""
    many, few = (1500, 40) if quick else (5000, 150)
    pair = compare(
        lambda: orders_per_second(system, many),
        lambda: orders_per_second(system, few, CONSUMER_BATCH_SIZE="1"),
        runs=runs,
    )
    return [
        Figure(
            what="Created → delivered, zero timers",
            measured=f"{pair.measured:,.0f} orders/s",
            baseline=f"one message a transaction: {pair.baseline:,.0f}/s",
            ratio=f"{pair.ratio:.1f}x",
            aim=f"{AIM_RATIO}x, {AIM_RATE:,}/s",
            is_reached=pair.ratio >= AIM_RATIO and pair.measured >= AIM_RATE,
        )
    ]


def orders_per_second(system: System, count: int, **environment: str) -> float:
    """Take orders while their worker stands still, let it go, and wait for the last delivery."""
    tokens = start(system, **environment)
    with _standing_still(system.children["orders"].pid):
        # Less than the time after which the broker takes a silent worker for dead.
        taken = system.place(tokens, clients=64, seconds=3, rate=count / 3).done
        started = time.time()
    wait(system)
    with system.sql("orders") as orders:
        ((last,),) = orders.execute(LAST).fetchall()
    return taken / float(last - started)


def start(system: System, **environment: str) -> list[str]:
    """Start everything and have a few orders delivered; gives customers' tokens."""
    system.reset()
    system.run("auth", "web", *WORKERS, **environment)
    tokens = system.customers(4)
    for clients in (1, 16):
        system.place(tokens, clients=clients, seconds=1, rate=clients)
        wait(system)
    return tokens


@contextmanager
def _standing_still(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def wait(system: System) -> None:
    """Wait until each order has ended."""
    with system.sql("orders") as orders:
        wait_until(lambda: orders.execute(UNFINISHED).fetchall() == [(0,)], seconds=120, every=0.1)
