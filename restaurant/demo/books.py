"""The services' own books, where this machine can read them: was all of it true?"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from orders.models import Order
from restaurant.messaging.models import inbox_of
from restaurant.staff.audit import audit


def hold(order_ids: Collection[str]) -> bool:
    """Tell whether the databases configured here are those that the orders went to.

    Orders may be placed at a system elsewhere, and auditing others' books would prove nothing.
    """
    if not order_ids:
        return False
    try:
        return Order.objects.filter(public_id__in=order_ids).count() == len(order_ids)
    except (DatabaseError, ImproperlyConfigured):
        return False


def events_handled(since: datetime) -> int:
    """Count the events that the services have handled since then (UTC), each service its own."""
    return sum(
        inbox_of(service).objects.filter(handled_at__gte=since).count()
        for service in settings.CONSUMER_GROUPS
    )


def findings() -> list[str]:
    """Compare the services' books; none when they agree."""
    return [str(finding) for finding in audit()]
