"""What a service heard and said before its database was set back to an older copy."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from google.protobuf.message import Message

from restaurant import bulk
from restaurant.messaging import outbox
from restaurant.messaging.inbox import COLUMNS
from restaurant.messaging.models import inbox_of, outbox_of

# Where it was read is not known any more.
NOWHERE = -1


class Heard(NamedTuple):
    """An event that the service has handled."""

    event_id: UUID
    topic: str


class Said(NamedTuple):
    """An event that the service has published, and when it decided it (UTC)."""

    event_id: UUID
    message: Message
    correlation_id: str
    at: datetime


def remember(service: str, heard: Iterable[Heard], said: Iterable[Said], *, now: datetime) -> None:
    """Note events as handled and as published, where the service does not know it itself.

    They keep their ids: those heard are dropped when they come again, those said can be published
    again. To be called in the transaction that makes them true.
    """
    bulk.insert(
        inbox_of(service),
        COLUMNS,
        [(event.event_id, event.topic, NOWHERE, NOWHERE, now, 1) for event in heard],
        using=service,
        ignore_conflicts=True,
    )
    rows = [
        (e.event_id, *outbox.row(service, e.message, e.correlation_id, e.at)[1:-1], now)
        for e in said
    ]
    bulk.insert(
        outbox_of(service),
        outbox.COLUMNS,
        rows,
        using=service,
        ignore_conflicts=True,
    )
