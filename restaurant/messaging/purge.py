"""Deleting what is no longer needed, in chunks that hold no lock for long."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from restaurant.messaging.models import dead_letters_of, inbox_of, outbox_of

CHUNK = 5000


def purge_outbox(service: str, *, published_before: datetime) -> int:
    """Delete messages that the broker took before a time (UTC); gives how many."""
    return delete_oldest(outbox_of(service).objects.filter(published_at__lt=published_before))


def purge_inbox(service: str, *, handled_before: datetime) -> int:
    """Delete notes of events handled before a time (UTC); gives how many.

    The time must lie before the oldest message that the topics still hold: an event that is read
    again without its note takes effect again.
    """
    return delete_oldest(inbox_of(service).objects.filter(handled_at__lt=handled_before))


def purge_dead_letters(service: str, *, settled_before: datetime) -> int:
    """Delete dead letters that were discarded, or redriven and heard of again, before a time (UTC).

    Those that wait stay, however old. To be called before `purge_inbox` with the same time: the
    inbox tells what became of a redriven one.
    """
    came_back = Exists(inbox_of(service).objects.filter(event_id=OuterRef("event_id")))
    settled = Q(discarded_at__lt=settled_before) | Q(came_back, redriven_at__lt=settled_before)
    return delete_in_chunks(dead_letters_of(service).objects.filter(settled))


def delete_oldest(rows: Any) -> int:
    """Delete the rows of a queryset from the old end of their table; gives how many.

    Keys grow with time, so it goes along them, and ends at a whole chunk that is to stay: what is
    old is not looked for among all that is not.
    """
    deleted, keys = 0, rows.model.objects.order_by("pk").values_list("pk", flat=True)
    chunk = list(keys[:CHUNK])
    while chunk and (gone := rows.filter(pk__gte=chunk[0], pk__lte=chunk[-1]).delete()[0]):
        deleted += gone
        chunk = list(keys.filter(pk__gt=chunk[-1])[:CHUNK])
    return deleted


def delete_in_chunks(rows: Any) -> int:
    """Delete the rows of a queryset, wherever in their table they are; gives how many."""
    deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        deleted += rows.model.objects.filter(pk__in=keys).delete()[0]
    return deleted
