"""A busy noon: every process runs, customers order, and something of each kind happened."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from delivery.models import Delivery
from orders.models import Order
from restaurant.demo import customers, premises
from restaurant.demo.crowd import Crowd
from restaurant.demo.journal import Journal
from restaurant.demo.pace import Pace
from restaurant.demo.past import Past, fill
from restaurant.staff.dashboard import rollup
from tests.staff import rows

SPEED = 120.0
RATE = 1.0
PAST, PAST_DAYS = 4000, 30
PATIENCE = 180.0


@contextmanager
def opened() -> Iterator[str]:
    """Give the base URL of a system in which orders come, cook, are brought and are cancelled."""
    env = {"SIMULATION_SPEED": str(SPEED), "DELIVERY_FAILURE_RATE": "0.1"}
    stop = threading.Event()
    with premises.opened(env=env, say=_ignore, warn=print) as base_url:
        fill(Past(orders=PAST, days=PAST_DAYS, now=timezone.now(), seed=0))
        crowd = _crowd(base_url, stop)
        crowd.start()
        try:
            _wait_until_all_happened()
            _let_letters_die()
            rollup.catch_up(now=timezone.now())
            connections.close_all()
            yield base_url
        finally:
            stop.set()
            crowd.join(5)


def _crowd(base_url: str, stop: threading.Event) -> Crowd:
    return Crowd(
        base_url,
        customers=customers.regulars(12, stop=stop),
        journal=Journal(),
        pace=Pace(orders=None, rate=RATE, rushes=True, stop=stop),
        seed=0,
        speed=SPEED,
        stop=stop,
    )


def _wait_until_all_happened() -> None:
    until = time.monotonic() + PATIENCE
    while not _has_all_happened():
        if time.monotonic() > until:
            raise TimeoutError("no order was delivered, cancelled or failed in time")
        time.sleep(0.5)


def _has_all_happened() -> bool:
    found = set(Order.objects.values_list("status", flat=True).distinct())
    has_failed = Delivery.objects.filter(status=Delivery.Status.FAILED).exists()
    return has_failed and {Order.Status.DELIVERED, Order.Status.CANCELLED} <= found


def _let_letters_die() -> None:
    now = timezone.now()
    for minutes, service, error in (
        (3, "kitchen", "UnknownStation: no station has the code 'wok'"),
        (9, "kitchen", "UnknownStation: no station has the code 'wok'"),
        (41, "kitchen", "DecodeError: Error parsing message with type 'orders.OrderCreated'"),
        (17, "delivery", "DataError: value too long for type character varying(500)"),
    ):
        rows.dead_letter(
            service,
            topic="order_created" if service == "kitchen" else "order_cooked",
            error=error,
            error_kind=error.partition(":")[0],
            failed_at=now - timedelta(minutes=minutes),
        )


def _ignore(_step: str) -> None:
    pass
