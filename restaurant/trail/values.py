"""What a row holds, made fit to be compared and then kept: no secrets, nothing endless."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

Values = dict[str, Any]
# A secret would be in two places. By the field's name, for a new one must not be forgotten.
SECRET = re.compile(r"password|private|secret|token|recovery|^key$")
MASK = "•••"
LONGEST_TEXT, LONGEST_JSON = 1_000, 4_000
NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Hidden:
    """A secret: that it has changed is kept, and nothing else."""

    value: Any = field(repr=False)


@dataclass(frozen=True)
class Reference:
    """Another row; its name is looked up when it turns out to be part of a change."""

    model: type[models.Model]
    key: Any
    row: models.Model | None = field(default=None, compare=False)

    def shown(self) -> Values:
        row = self.row or self.model._base_manager.filter(pk=self.key).first()
        return {"key": str(self.key), "name": str(row or self.key)[:LONGEST_TEXT]}


@dataclass(frozen=True)
class Names:
    """Rows on the other side of a relation to many; of two, only the difference is kept."""

    names: frozenset[str]


def values_of(row: models.Model, *, many: bool = False) -> Values:
    """Give a row's fields as they are in memory; with `many`, its relations to many as well.

    Its key, and times that each save renews, are left out.
    """
    meta = row._meta
    values = {
        one.name: _value(one, row)
        for one in meta.concrete_fields
        if not one.primary_key and not getattr(one, "auto_now", False)
    }
    if many:
        for one in meta.many_to_many:
            # With what their names are made of: a permission's is made of its model's.
            others = getattr(row, one.name).select_related()
            values[one.name] = Names(frozenset(map(str, others)))
    return values


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Values, Values]:
    """Give what is different, before and after, fit for JSON.

    Of a row that was added or deleted (nothing on one side), what it says at all.
    """
    if not before or not after:
        return _filled(before), _filled(after)
    names = [n for n in {**before, **after} if before.get(n, ...) != after.get(n, ...)]
    old, new = {}, {}
    for name in names:
        was, now = before.get(name, ...), after.get(name, ...)
        if isinstance(was, Names) and isinstance(now, Names):
            was, now = Names(was.names - now.names), Names(now.names - was.names)
        if was is not ...:
            old[name] = fit(name, was)
        if now is not ...:
            new[name] = fit(name, now)
    return old, new


def fit(name: str, value: Any) -> Any:
    """Make a field's value fit for JSON, and no longer than is worth keeping."""
    if isinstance(value, Reference):
        return value.shown()
    if isinstance(value, Hidden):
        value = value.value and MASK
    if isinstance(value, Names):
        value = sorted(value.names)
    if value in NOTHING:
        return value
    if SECRET.search(name):
        return MASK
    # PostgreSQL keeps no NUL, not even in JSON.
    text = json.dumps(value, cls=_Encoder, ensure_ascii=False).replace("\\u0000", "")
    made = json.loads(text)
    if isinstance(made, str):
        return made if len(made) <= LONGEST_TEXT else made[:LONGEST_TEXT] + "…"
    return made if len(text) <= LONGEST_JSON else text[:LONGEST_TEXT] + "…"


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            # As a file's field, whose text is its path.
            return str(o)


def _value(one: Any, row: models.Model) -> Any:
    value = one.value_from_object(row)
    if isinstance(one, models.BinaryField):
        return Hidden(bytes(value) if value is not None else None)
    if SECRET.search(one.name):
        return Hidden(value)
    if one.is_relation and value is not None:
        return Reference(one.related_model, value, one.get_cached_value(row, default=None))
    return value


def _filled(values: Mapping[str, Any]) -> Values:
    shown = {name: fit(name, value) for name, value in values.items()}
    return {name: value for name, value in shown.items() if value not in NOTHING}
