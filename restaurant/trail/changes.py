"""Rows looked at before and after, and what is different then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models

from restaurant.trail.values import Values, values_of

NAME_LENGTH = 200
# A row: its model's label and its key.
Id = tuple[str, str]


@dataclass(frozen=True)
class Target:
    """What was changed: a row by its model's label (as "kitchen.ticket"), key and name."""

    label: str
    key: str
    name: str

    @classmethod
    def of(cls, row: models.Model) -> "Target":
        return cls(row._meta.label_lower, str(row.pk), str(row)[:NAME_LENGTH])

    @property
    def app(self) -> str:
        return self.label.partition(".")[0]

    @property
    def id(self) -> Id:
        return self.label, self.key


class Seen(NamedTuple):
    """A row at a time."""

    target: Target
    values: Values


@dataclass(frozen=True)
class Change:
    """A row's fields before and after; {} for where it was not there."""

    target: Target
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def action(self) -> str:
        """What Django's admin calls it."""
        return "change" if self.before and self.after else "add" if self.after else "delete"


def look(model: type[models.Model], keys: Iterable[Any], *, many: bool = True) -> dict[Id, Seen]:
    """Give rows as they are in the database now, by one query; those that are gone are left out.

    With `many` there is a query more for each row and each of its relations to many.
    """
    # Names of rows are often made of the rows they belong to.
    rows = model._base_manager.select_related().filter(pk__in=[k for k in keys if k is not None])
    seen = [Seen(Target.of(row), values_of(row, many=many)) for row in rows]
    return {one.target.id: one for one in seen}


def hold(rows: Sequence[models.Model]) -> None:
    """Keep rows of one model as they are until the transaction ends, but for its own changes.

    On SQLite the transaction keeps the whole database since it began.
    """
    if keys := [row.pk for row in rows if row.pk is not None]:
        model = type(rows[0])
        # In one order, so that two who hold the same rows never wait for each other.
        held = model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
        list(held.values_list("pk"))


def snapshot(row: models.Model) -> Values:
    """Give a row's fields as they are in the database now, for `record`; {} when it is gone."""
    return next((seen.values for seen in look(type(row), [row.pk]).values()), {})


def compare(before: Mapping[Id, Seen], after: Mapping[Id, Seen]) -> list[Change]:
    """Give what changed of rows, those added and deleted among them."""
    changes = []
    for id_, seen in {**after, **before}.items():
        was, now = (rows[id_].values if id_ in rows else {} for rows in (before, after))
        if was != now:
            changes.append(Change(seen.target, was, now))
    return changes
