"""Watching what a call does to rows, to record it.

What rows were before is asked from the database when the watch begins. Where somebody else may
change them before the call has their lock, the call's service knows better, and says so with
`changing`: that counts, and also names rows which the watch was not given.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import models, transaction

from restaurant.databases import alias_of
from restaurant.trail.changes import Change, Id, Seen, Target, compare, look
from restaurant.trail.people import Person
from restaurant.trail.record import record_all, recorded
from restaurant.trail.values import values_of

Watched = models.Model | type[models.Model] | Sequence[models.Model]
Keys = defaultdict[type[models.Model], list[Any]]


class _Told:
    """What services said to be changing."""

    def __init__(self) -> None:
        self.seen: dict[Id, Seen] = {}
        self.keys: Keys = defaultdict(list)

    def add(self, row: models.Model) -> None:
        target = Target.of(row)
        if target.id not in self.seen:
            self.seen[target.id] = Seen(target, values_of(row))
            self.keys[type(row)].append(row.pk)


# None while nobody watches.
_told: ContextVar[_Told | None] = ContextVar("told", default=None)


@contextmanager
def watch(
    person: Person, rows: Watched, *, action: str, now: datetime, reason: str = ""
) -> Iterator[None]:
    """Record what the block does to saved rows: an entry for each that changed. `now` is UTC.

    Given a model, it records those rows that its service says are `changing`. What the block
    raises undoes its changes, and nothing is recorded.
    """
    given = _given(rows)
    model = rows if isinstance(rows, type) else type(given[0]) if given else None
    if model is None:
        yield
        return
    with transaction.atomic(using=alias_of(model._meta.app_label)):
        keys = [row.pk for row in given]
        before = look(model, keys) if keys else {}
        with _listening() as (told, inside):
            yield
        before = {id_: seen for id_, seen in before.items() if id_ not in told.seen}
        changes = compare(before, look(model, keys)) if before else []
        changes += _told_changes(told)
        changes = [change for change in changes if change.target.id not in inside]
        record_all(person, changes, action=action, now=now, reason=reason)


def changing(*rows: models.Model) -> None:
    """Tell a watch around this call that rows are about to change, as they are under their lock."""
    told = _told.get()
    if told is not None:
        for row in rows:
            told.add(row)


def _told_changes(told: _Told) -> list[Change]:
    after: dict[Id, Seen] = {}
    for model, keys in told.keys.items():
        after |= look(model, keys, many=False)
    return compare(told.seen, after)


@contextmanager
def _listening() -> Iterator[tuple[_Told, set[Id]]]:
    told, inside, outer = _Told(), set[Id](), recorded.get()
    tokens = _told.set(told), recorded.set(inside)
    try:
        yield told, inside
    finally:
        _told.reset(tokens[0])
        recorded.reset(tokens[1])
        if outer is not None:
            outer |= inside


def _given(rows: Watched) -> list[models.Model]:
    if isinstance(rows, type):
        return []
    return [rows] if isinstance(rows, models.Model) else list(rows)
