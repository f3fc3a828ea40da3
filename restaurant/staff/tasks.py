"""Side work that looks across services."""

from celery import shared_task
from django.utils import timezone

from restaurant.staff import watchdog as watchdog_
from restaurant.staff.dashboard import rollup as rollup_


@shared_task(name="restaurant.staff.tasks.watchdog")
def watchdog() -> None:
    """Find the orders that do not get on; see `restaurant.staff.watchdog`."""
    watchdog_.watch(now=timezone.now())


@shared_task(name="restaurant.staff.tasks.rollup")
def rollup() -> None:
    """Count for the dashboard what is new in the books; see `restaurant.staff.dashboard.rollup`."""
    rollup_.catch_up(now=timezone.now())
