"""Handling each event once, however often it arrives."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from restaurant import bulk
from restaurant.messaging.events import Record
from restaurant.messaging.models import inbox_of

COLUMNS = ("event_id", "topic", "partition", "offset", "handled_at")


def keep_new(service: str, arrived: Iterable[tuple[UUID, Record]], *, now: datetime) -> set[UUID]:
    """Note the arrival of events; gives the ids of those that had not arrived before.

    To be called in the transaction that handles them: either both are kept or neither.
    """
    rows = [(id_, r.topic, r.partition, r.offset, now) for id_, r in arrived]
    inserted = bulk.insert(
        inbox_of(service),
        COLUMNS,
        rows,
        using=service,
        ignore_conflicts=True,
        returning=("event_id",),
    )
    return {id_ for (id_,) in inserted}


def forget(service: str, event_ids: Iterable[Any]) -> None:
    """Let events be handled again when they come again."""
    inbox_of(service).objects.filter(event_id__in=list(event_ids)).delete()
