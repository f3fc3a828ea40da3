"""Writing the trail: a change and its entry are one transaction."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from restaurant.databases import alias_of
from restaurant.trail.models import service_of, trail_of
from restaurant.trail.people import Person

# Never kept, by the name of the field: what would be a secret in two places.
SECRETS = frozenset({"password", "private_pem", "token", "secret", "key"})
NAME_LENGTH, REASON_LENGTH = 200, 500


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
    """
    target = target if isinstance(target, Target) else Target.of(target)
    old, new = _differences(before or {}, after or {})
    trail_of(service_of(target.app)).objects.create(
        at=now,
        actor_id=person.id,
        actor=person.email,
        address=person.address,
        via=person.via,
        request_id=person.request_id,
        action=action,
        object_type=target.label,
        object_id=target.key,
        object_name=target.name,
        before=old,
        after=new,
        reason=reason[:REASON_LENGTH],
    )


@contextmanager
def watch(
    person: Person, row: models.Model, *, action: str, now: datetime, reason: str = ""
) -> Iterator[None]:
    """Record what the block does to a saved row; what it raises undoes both."""
    with transaction.atomic(using=alias_of(row._meta.app_label)):
        target, before = Target.of(row), snapshot(row)
        yield
        record(
            person,
            target,
            action=action,
            now=now,
            before=before,
            after=snapshot(row),
            reason=reason,
        )


def snapshot(row: models.Model) -> dict[str, Any]:
    """Give a row's fields as they are in the database now, fit for JSON; {} when it is not there.

    Secrets and binary fields are left out; relations to many are lists of names.
    """
    found = type(row)._base_manager.filter(pk=row.pk).first()
    if found is None:
        return {}
    values: dict[str, Any] = {
        field.name: field.value_from_object(found)
        for field in found._meta.concrete_fields
        if field.name not in SECRETS and not isinstance(field, models.BinaryField)
    }
    for many in found._meta.many_to_many:
        values[many.name] = sorted(str(one) for one in getattr(found, many.name).all())
    made: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return made


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    old = {name: value for name, value in before.items() if after.get(name, ...) != value}
    new = {name: value for name, value in after.items() if before.get(name, ...) != value}
    return old, new
