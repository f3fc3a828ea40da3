"""Three kitchens against one, each order costing a core some milliseconds; and their coming and
going under load, after which nothing may have taken effect twice.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import LiteralString

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.benchmarks import commits, journey
from tests.benchmarks.busy_kitchen import cost_ms
from tests.benchmarks.figures import Figure, compare, percentile
from tests.benchmarks.system import System
from tests.servers.wait import wait_until

KITCHENS = 3
# As compose has it: 4 for each of three, 6 for each of two.
PARTITIONS = 12
# Kafka takes a silent member for dead after 6 s.
STALLED_SECONDS = 8
ENTERED: LiteralString = "SELECT count(*) FROM kitchen_inboxmessage"
BEGAN: LiteralString = (
    "SELECT extract(epoch FROM min(handled_at))::float8 FROM kitchen_inboxmessage"
)
# An order's tickets and its events of each kind must be there once, whatever the inbox believed.
DOUBLED: LiteralString = """
    SELECT (SELECT count(*) FROM (SELECT 1 FROM kitchen_ticket
                                  GROUP BY order_id, station_id HAVING count(*) > 1) AS tickets)
         + (SELECT count(*) FROM (SELECT 1 FROM kitchen_outboxmessage
                                  GROUP BY aggregateid, type HAVING count(*) > 1) AS events)
"""
STATE: LiteralString = "SELECT state FROM pg_stat_activity WHERE application_name = %s"
REPEATS: LiteralString = "SELECT coalesce(sum(repeats), 0)::int FROM kitchen_inboxmessage"


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Give how much faster three are than one, and what their coming and going does to orders."""
    if system.kafka.is_embedded:
        return [Figure("Kitchens", "not measured: needs real Kafka", "", "", "", is_reached=True)]
    with _partitions():
        return [_faster(system, runs=runs, quick=quick), _coming_and_going(system)]


@contextmanager
def _partitions() -> Iterator[None]:
    before = os.environ["KAFKA_TOPIC_PARTITIONS"]
    os.environ["KAFKA_TOPIC_PARTITIONS"] = str(PARTITIONS)
    try:
        yield
    finally:
        os.environ["KAFKA_TOPIC_PARTITIONS"] = before


def _faster(system: System, *, runs: int, quick: bool) -> Figure:
    count = 1200 if quick else 4000
    cost = cost_ms()
    pair = compare(
        lambda: orders_per_second(system, count, kitchens=KITCHENS),
        lambda: orders_per_second(system, count, kitchens=1),
        runs=runs,
    )
    # Of as many cores as there are kitchens, PostgreSQL, Kafka and the relay take their part.
    cores = min(KITCHENS, os.cpu_count() or 1)
    aim = 0.7 * cores
    return Figure(
        what=f"{KITCHENS} kitchens, {cost:.1f} ms of a core an order",
        measured=f"{pair.measured:,.0f} orders/s",
        baseline=f"one kitchen: {pair.baseline:,.0f}/s",
        ratio=f"{pair.ratio:.2f}x",
        aim=f"{aim:.1f}x on {cores} cores",
        is_reached=pair.ratio >= aim,
    )


def orders_per_second(system: System, count: int, *, kitchens: int) -> float:
    """Let orders wait in the outbox until the kitchens have shared the partitions, then cook."""
    system.reset()
    system.run("auth", "web")
    system.place(system.customers(4), clients=32, seconds=3, rate=count / 3)
    for name in range(kitchens):
        _open(system, name)
    _wait_for_members(system, kitchens)
    system.run("orders")
    with system.sql("orders") as orders, system.sql("kitchen") as kitchen:
        ((taken,),) = orders.execute("SELECT count(*) FROM orders_order").fetchall()
        all_there = [(taken,)]
        wait_until(lambda: kitchen.execute(ENTERED).fetchall() == all_there, seconds=180, every=0.2)
        ((began,),) = kitchen.execute(BEGAN).fetchall()
        ended = max(commits.times(kitchen, "kitchen_inboxmessage", key="event_id").values())
    return float(taken / (ended - began))


def _open(system: System, name: int) -> None:
    command = (sys.executable, "-m", "tests.benchmarks.busy_kitchen")
    system.spawn(f"kitchen{name}", *command, PGAPPNAME=f"kitchen{name}")


def _wait_for_members(system: System, count: int) -> None:
    """Wait until the group has so many members, and each has its part of the partitions."""
    client = AdminClient({"bootstrap.servers": system.kafka.bootstrap})
    shares = [PARTITIONS // count] * count

    def have_shared() -> bool:
        try:
            group = client.describe_consumer_groups(["kitchen"])["kitchen"].result()
        except KafkaException:  # whose coordinator is just being found
            return False
        taken = [member.assignment.topic_partitions for member in group.members]
        return [sum(p.topic == "order_created" for p in places) for places in taken] == shares

    wait_until(have_shared, seconds=60, every=0.1)


def _coming_and_going(system: System) -> Figure:
    """Order at a quarter of what one can cook while two come, one stalls, ends, or is killed."""
    rate = 250 / cost_ms()
    system.reset()
    system.run("auth", "web", "orders", "delivery")
    tokens = system.customers(4)
    _open(system, 0)
    _wait_for_members(system, 1)
    with _ordering(system, tokens, rate):
        _open(system, 1)
        _open(system, 2)
        _wait_for_members(system, 3)
        _stall(system, 1)
        system.stop("kitchen2")
        _wait_for_members(system, 2)
        _freeze_within_a_batch(system, 1)
        system.children.pop("kitchen1").kill()
        _wait_for_members(system, 1)
    journey.wait(system)
    system.manage("audit")
    with system.sql("orders") as orders, system.sql("kitchen") as kitchen:
        ((doubled,),) = kitchen.execute(DOUBLED).fetchall()
        ((repeats,),) = kitchen.execute(REPEATS).fetchall()
        placed = commits.times(orders, "orders_timelineentry", key="event_id")
        taken = commits.times(kitchen, "kitchen_inboxmessage", key="event_id")
    waits = [taken[id_] - placed[id_] for id_ in placed.keys() & taken.keys()]
    return Figure(
        what="Two join, one stalls, one ends, one is killed",
        measured=f"{doubled} effects doubled; order → ticket p50 {percentile(waits, 50):.2f} s, "
        f"at most {max(waits):.1f} s",
        baseline=f"{len(waits):,} orders at {rate:.0f}/s; {repeats} repeats dropped",
        ratio="",
        aim="audit clean, none doubled",
        is_reached=doubled == 0,
    )


@contextmanager
def _ordering(system: System, tokens: list[str], rate: float) -> Iterator[None]:
    """Have orders placed as long as the block runs."""
    over = threading.Event()

    def order() -> None:
        while not over.is_set():
            system.place(tokens, clients=16, seconds=2, rate=rate)

    with ThreadPoolExecutor(1) as pool:
        placing = pool.submit(order)
        try:
            yield
        finally:
            over.set()
        placing.result()


def _stall(system: System, name: int) -> None:
    """Stop a kitchen in the middle of a batch until others have its partitions; then it goes on
    with what is theirs.
    """
    _freeze_within_a_batch(system, name)
    time.sleep(STALLED_SECONDS)
    _wait_for_members(system, 2)
    os.kill(system.children[f"kitchen{name}"].pid, signal.SIGCONT)
    _wait_for_members(system, 3)


def _freeze_within_a_batch(system: System, name: int) -> None:
    process = system.children[f"kitchen{name}"].pid
    with system.sql("kitchen") as kitchen:

        def is_within() -> bool:
            os.kill(process, signal.SIGSTOP)
            if kitchen.execute(STATE, [f"kitchen{name}"]).fetchall() == [("idle in transaction",)]:
                return True
            os.kill(process, signal.SIGCONT)
            return False

        wait_until(is_within, seconds=60, every=0.005)
