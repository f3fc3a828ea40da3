"""Deleting what is no longer needed, in chunks that hold no lock for long."""

from datetime import datetime
from typing import Any

from restaurant.messaging.models import inbox_of, outbox_of

CHUNK = 5000


def purge_outbox(service: str, *, published_before: datetime) -> int:
    """Delete messages that the broker took before a time (UTC); gives how many."""
    return delete_in_chunks(outbox_of(service).objects.filter(published_at__lt=published_before))


def purge_inbox(service: str, *, handled_before: datetime) -> int:
    """Delete notes of events handled before a time (UTC); gives how many.

    The time must lie before the oldest message that the topics still hold: an event that is read
    again without its note takes effect again.
    """
    return delete_in_chunks(inbox_of(service).objects.filter(handled_at__lt=handled_before))


def delete_in_chunks(rows: Any) -> int:
    """Delete the rows of a queryset; gives how many."""
    deleted = 0
    # Keys grow with time, so the oldest rows are found at the front of the index.
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        deleted += rows.model.objects.filter(pk__in=keys).delete()[0]
    return deleted
