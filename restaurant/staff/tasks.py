"""Side work that looks across services."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from restaurant.staff import watchdog as watchdog_
from restaurant.staff.dashboard import rollup as rollup_

RAN_KEPT = 86_400


@shared_task(name="restaurant.staff.tasks.watchdog")
def watchdog() -> None:
    """Find the orders that do not get on; see `restaurant.staff.watchdog`."""
    now = timezone.now()
    watchdog_.watch(now=now)
    # For those who look: without Redis they are told that it is not known.
    cache.set(watchdog_.RAN, now.isoformat(), timeout=RAN_KEPT)


@shared_task(name="restaurant.staff.tasks.rollup")
def rollup() -> None:
    """Count for the dashboard what is new in the books; see `restaurant.staff.dashboard.rollup`."""
    now = timezone.now()
    rollup_.catch_up(now=now)
    cache.set(rollup_.RAN, now.isoformat(), timeout=RAN_KEPT)
