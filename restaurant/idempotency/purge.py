"""Forgetting answers that nobody will ask for again."""

from datetime import datetime, timedelta

from restaurant.idempotency.models import kept_answers_of
from restaurant.messaging.purge import delete_oldest

# At least: they go when the service's housekeeping next runs.
LIFETIME = timedelta(hours=24)


def purge_answers(service: str, *, now: datetime) -> int:
    """Delete a service's answers that were kept long enough; gives how many. `now` is UTC."""
    old = kept_answers_of(service).objects.filter(created_at__lt=now - LIFETIME)
    return delete_oldest(old)
