"""Months of a busy restaurant: the past that `manage.py fill` makes up."""

import gc
from datetime import datetime

from tests.benchmarks.system import System

DAYS = 90


def lay_out(system: System, *, count: int) -> datetime:
    """Have so many orders of ninety days in the databases; gives when the last was placed (UTC).

    A past of that length that another row laid out before is taken as it is: rows that look at one
    change nothing of it. Otherwise the demo's menu and couriers take the place of the benchmarks'.
    """
    from django.utils import timezone

    from orders.models import Order

    if Order.objects.count() == count:
        return Order.objects.latest("pk").created_at
    now = timezone.now()
    _write(system, count, now)
    return now


def freeze() -> None:
    """Have the pages' code loaded and left alone by the collector, as web's workers do."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - it loads them
    gc.collect()
    gc.freeze()


def _write(system: System, count: int, now: datetime) -> None:
    from delivery.models import Courier
    from restaurant.demo import house
    from restaurant.demo.past import Past, fill

    system.reset()
    system.manage("import_menu", str(house.MENU))
    Courier.objects.all().delete()
    fill(Past(orders=count, days=DAYS, now=now))
