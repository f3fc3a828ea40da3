"""Which orders are late: their next event has not come for too long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from orders.models import ENDED

# However fast the simulation, messages take their time when there are many.
LEAST = timedelta(seconds=30)


def overdue_after() -> timedelta:
    """How long an order may stay as it is before it is overdue."""
    simulated: timedelta = settings.WATCHDOG_OVERDUE / settings.SIMULATION_SPEED
    return max(simulated, LEAST)


def is_late(now: datetime) -> Q:
    """Give the condition on orders that have not ended: marked by the watchdog, or not yet."""
    waits = Q(overdue_since__isnull=False) | Q(updated_at__lt=now - overdue_after())
    return Q(status_rank__lt=ENDED) & waits
