"""Deciding to send: rows that the relay will publish, written in the caller's transaction.

Where Debezium publishes in its place, they are written as published: the database's log is then
what holds them until they are. Those that are not yet published go by the relay in either case.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F
from google.protobuf.message import Message
from uuid_utils.compat import uuid7

from restaurant import bulk
from restaurant.messaging import contracts
from restaurant.messaging.models import outbox_of

COLUMNS = (
    "event_id",
    "topic",
    "key",
    "type",
    "payload",
    "correlation_id",
    "headers",
    "created_at",
    "published_at",
)


class Outgoing(NamedTuple):
    """An event to publish, and the id that ties it to the request it came from."""

    message: Message
    correlation_id: str = ""


def add(service: str, outgoing: Iterable[Outgoing], *, now: datetime) -> None:
    """Write events to the service's outbox, in the order given.

    To be called inside the transaction that changes the state they tell of: either both are kept
    or neither. Raises `TransactionManagementError` outside one.
    """
    if not transaction.get_connection(service).in_atomic_block:
        raise transaction.TransactionManagementError("outbox.add() needs a transaction")
    bulk.insert(
        outbox_of(service),
        COLUMNS,
        [row(service, message, correlation_id, now) for message, correlation_id in outgoing],
        using=service,
    )


def row(service: str, message: Message, correlation_id: str, now: datetime) -> tuple[object, ...]:
    """Give the outbox row of a service's event, in the order of `COLUMNS`."""
    kind = type(message)
    return (
        uuid7(),
        contracts.topic_of(kind),
        contracts.key_of(message),
        contracts.type_of(kind),
        message.SerializeToString(),
        correlation_id,
        {},
        now,
        now if service in settings.OUTBOX_CAPTURED else None,
    )


def republish(service: str, keys: Iterable[str]) -> int:
    """Have the relay publish again what the service ever published of these keys.

    For a broker that lost its data. The events keep their ids, so that readers drop what they
    have already handled. Gives the number of messages that will be sent.
    """
    rows = outbox_of(service).objects.filter(key__in=list(keys), published_at__isnull=False)
    return int(rows.update(published_at=None, republished=F("republished") + 1))
