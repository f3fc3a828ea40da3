"""Parts die under load: nothing is lost, and nothing is done twice."""

from collections.abc import Callable
from functools import partial

from tests.compose.breaking import kill
from tests.compose.ordering import ordering
from tests.compose.stack import Stack

ORDERS, RATE = 2000, 25


def crash(stack: Stack, service: str) -> None:
    kill(stack, stack.containers(service)[0])


def restart(stack: Stack, service: str) -> None:
    stack.compose("restart", service)
    stack.wait_until_well(service)


def test_it_outlives_each_of_its_parts(stack: Stack):
    crashes: list[Callable[[], None]] = [
        partial(crash, stack, service)
        for service in ("web", "kitchen", "orders", "delivery", "auth", "live", "celery", "beat")
    ]
    restarts: list[Callable[[], None]] = [
        partial(restart, stack, service) for service in ("valkey", "postgres", "kafka")
    ]
    with ordering(stack, orders=ORDERS, rate=RATE) as demo:
        for break_it in (*crashes, *restarts):
            break_it()
        assert demo.is_running(), "the orders were all over before the last part was broken"
    summary = demo.summary()
    ended = [summary[name] for name in ("delivered", "cancelled", "rejected", "failed")]
    assert summary["placed"] == sum(ended) == ORDERS
    assert summary["audit"] == "clean"
    for service in ("web", "kitchen", "orders", "delivery", "auth", "live", "celery", "beat"):
        stack.wait_until_well(service)
