"""Messages that could not be handled: kept, told of on `<topic>.dlt`, and redriven."""

import traceback
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from uuid_utils.compat import uuid7

from restaurant import bulk
from restaurant.messaging import inbox, outbox
from restaurant.messaging.contracts import DEAD_LETTER_SUFFIX
from restaurant.messaging.events import CORRELATION_ID_LENGTH, Headers, Record
from restaurant.messaging.models import dead_letters_of, outbox_of

log = structlog.get_logger()
ERROR_LENGTH = 500
# A record near the broker's limit, with the headers added here, would be refused for ever.
LARGEST_COPY = 500_000


def bury(service: str, record: Record, error: Exception, *, now: datetime) -> None:
    """Put a record aside with its error, once, and publish it to its dead letter topic."""
    with transaction.atomic(using=service):
        if not inbox.keep_new(service, [(record.event_id, record)], now=now):
            return
        message = _storable(f"{type(error).__name__}: {error}")[:ERROR_LENGTH]
        dead_letters_of(service).objects.create(
            event_id=record.event_id,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key[:200],
            type=record.type[:200],
            headers=record.headers,
            payload=record.payload,
            error=message,
            traceback=_storable("".join(traceback.format_exception(error))),
            failed_at=now,
        )
        origin = {
            **record.headers,
            "dlt-service": service,
            "dlt-topic": record.topic,
            "dlt-partition": str(record.partition),
            "dlt-offset": str(record.offset),
            "dlt-error": message,
        }
        told = _row(_copy(record), record.topic + DEAD_LETTER_SUFFIX, origin, now)
        bulk.insert(outbox_of(service), outbox.COLUMNS, [told], using=service)
    log.error(
        "dead_letter", service=service, topic=record.topic, offset=record.offset, error=message
    )


def redrive(service: str, ids: Iterable[int], *, now: datetime) -> int:
    """Send dead letters to their topics again, as they were; gives how many.

    Those redriven before are left out. The service forgets that it had the event, so that it is
    handled anew; other readers of the topic know its id and drop it.
    """
    with transaction.atomic(using=service):
        letters = list(
            dead_letters_of(service)
            .objects.select_for_update()
            .filter(pk__in=list(ids), redriven_at=None)
            .order_by("pk")
        )
        inbox.forget(service, [letter.event_id for letter in letters])
        # A record without an id of its own goes by the one it was buried under.
        rows = [_row(d, d.topic, {**d.headers, "ce_id": str(d.event_id)}, now) for d in letters]
        bulk.insert(outbox_of(service), outbox.COLUMNS, rows, using=service)
        dead_letters_of(service).objects.filter(pk__in=[d.pk for d in letters]).update(
            redriven_at=now
        )
    return len(letters)


def _copy(record: Record) -> Record:
    """Give what `<topic>.dlt` gets of a record: without a payload that is too large to pass on."""
    return record if len(record.payload) <= LARGEST_COPY else replace(record, payload=b"")


def _row(record: Any, topic: str, headers: Headers, now: datetime) -> tuple[object, ...]:
    """Give the outbox row, in the order of `outbox.COLUMNS`, of a record or of a dead letter."""
    return (
        uuid7(),
        topic,
        record.key[:200],
        record.type[:200],
        bytes(record.payload),
        headers.get("correlationid", "")[:CORRELATION_ID_LENGTH],
        headers,
        now,
    )


def _storable(text: str) -> str:
    """Take out what no database keeps: NUL characters and half surrogate pairs."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
