"""Handling each event once, however often it arrives."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F

from restaurant import bulk
from restaurant.messaging.events import Record
from restaurant.messaging.models import inbox_of

COLUMNS = ("event_id", "topic", "partition", "offset", "handled_at", "attempt")


class Try(NamedTuple):
    """A try at handling what was read at `since` (UTC); the first is number 1."""

    number: int
    since: datetime


def keep_new(
    service: str,
    arrived: Iterable[tuple[UUID, Record]],
    *,
    now: datetime,
    attempt: Try | None = None,
) -> set[UUID]:
    """Note the arrival of events; gives the ids of those that had not arrived before.

    Of the others it counts that they came again. To be called in the transaction that handles them:
    either both are kept or neither.
    """
    arrived = list(arrived)
    number, since = attempt or Try(1, now)
    rows = [(id_, r.topic, r.partition, r.offset, now, number) for id_, r in arrived]
    inserted = bulk.insert(
        inbox_of(service),
        COLUMNS,
        rows,
        using=service,
        ignore_conflicts=True,
        returning=("event_id",),
    )
    new = {id_ for (id_,) in inserted}
    if len(new) < len(arrived):
        _count_repeats(service, [id_ for id_, _ in arrived], new, now=now, since=since)
    return new


def forget(service: str, event_ids: Iterable[Any]) -> None:
    """Let events be handled again when they come again."""
    inbox_of(service).objects.filter(event_id__in=list(event_ids)).delete()


def _count_repeats(
    service: str, arrived: Sequence[UUID], new: set[UUID], *, now: datetime, since: datetime
) -> None:
    inbox = inbox_of(service).objects
    twins: dict[int, list[UUID]] = defaultdict(list)
    old: dict[int, list[UUID]] = defaultdict(list)
    for id_, times in Counter(arrived).items():
        if id_ not in new:
            old[times].append(id_)
        elif times > 1:
            twins[times - 1].append(id_)
    for times, ids in twins.items():
        inbox.filter(event_id__in=ids).update(repeats=F("repeats") + times, last_repeat_at=now)
    for times, ids in old.items():
        # What was handled after it was read was handled by an earlier try, not by another copy.
        seen = inbox.filter(event_id__in=ids, handled_at__lt=since)
        seen.update(repeats=F("repeats") + times, last_repeat_at=now)
