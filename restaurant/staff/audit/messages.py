"""Messages that do not get on, whatever order they are of."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.staff.audit.findings import Finding, Kind
from restaurant.staff.books import PIPELINE


def unpublished(*, overdue: datetime) -> Iterator[Finding]:
    """Tell of messages decided on before `overdue` that the broker does not have."""
    for service in PIPELINE:
        stuck = outbox_of(service).objects.filter(published_at=None, created_at__lt=overdue)
        for topic, key in stuck.order_by("sequence").values_list("topic", "key").iterator():
            what = f"{topic} is in the outbox of {service}, unpublished"
            yield Finding(Kind.STUCK, what, order_id=_order_id(key))


def dead_letters() -> Iterator[Finding]:
    """Tell of messages that could not be handled, and for which nobody has decided yet."""
    for service in PIPELINE:
        waiting = dead_letters_of(service).objects.waiting().order_by("pk")
        for pk, topic, key, error in waiting.values_list("pk", "topic", "key", "error"):
            what = f"{topic} is dead letter {pk} of {service}: {error}"
            yield Finding(Kind.STUCK, what, order_id=_order_id(key))


def discarded(order_ids: Collection[UUID]) -> dict[UUID, str]:
    """Say of these orders which of their messages somebody discarded."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for service in PIPELINE:
        letters = dead_letters_of(service).objects.exclude(discarded_at=None)
        rows = letters.filter(redriven_at=None, key__in=[str(id_) for id_ in order_ids])
        for key, topic, by, why in rows.order_by("pk").values_list(
            "key", "topic", "discarded_by", "discard_reason"
        ):
            found[UUID(key)].append(f"{topic} was discarded for {service} by {by}: {why}")
    return {id_: "; ".join(told) for id_, told in found.items()}


def _order_id(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
