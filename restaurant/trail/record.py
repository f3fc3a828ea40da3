"""Writing the trail: a change and its entry are one transaction."""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import models

from restaurant.trail.changes import Change, Id, Target
from restaurant.trail.models import service_of, trail_of
from restaurant.trail.people import Person
from restaurant.trail.values import differences

REASON_LENGTH, BATCH = 500, 500
# What was recorded inside of a watch, by `Target.id`: it is not recorded twice.
recorded: ContextVar[set[Id] | None] = ContextVar("recorded", default=None)


def record(
    person: Person,
    target: Target | models.Model,
    *,
    action: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Add an entry; to be called in the transaction that makes the change. `now` is UTC.

    `before` and `after` are field → value (see `snapshot`); what is alike in both is left out.
    Without either it says that something was done, as an export.
    """
    target = target if isinstance(target, Target) else Target.of(target)
    change = Change(target, before or {}, after or {})
    record_all(person, [change], action=action, now=now, reason=reason)


def record_all(
    person: Person, changes: Iterable[Change], *, action: str = "", now: datetime, reason: str = ""
) -> None:
    """Add the entries of one deed, all of rows of one service, in a statement.

    Without an `action` each is what it is: add, change or delete.
    """
    changes = list(changes)
    if not changes:
        return
    trail = trail_of(service_of(changes[0].target.app))
    why = reason.replace("\0", "")[:REASON_LENGTH]
    entries = [_entry(trail, person, one, action or one.action, now, why) for one in changes]
    trail.objects.bulk_create(entries, batch_size=BATCH)
    if (inside := recorded.get()) is not None:
        inside.update(change.target.id for change in changes)


def _entry(
    trail: Any, person: Person, change: Change, action: str, now: datetime, reason: str
) -> Any:
    before, after = differences(change.before, change.after)
    return trail(
        at=now,
        actor_id=person.id,
        actor=person.email,
        address=person.address,
        via=person.via,
        request_id=person.request_id,
        action=action,
        object_type=change.target.label,
        object_id=change.target.key,
        object_name=change.target.name,
        before=before,
        after=after,
        reason=reason,
    )
