"""Messages that could not be handled: kept, told of on `<topic>.dlt`, and redriven or discarded."""

import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from uuid_utils.compat import uuid7

from restaurant import bulk
from restaurant.messaging import inbox, outbox, telling
from restaurant.messaging.contracts import DEAD_LETTER_SUFFIX
from restaurant.messaging.error_kinds import kind_of
from restaurant.messaging.errors import NoReason
from restaurant.messaging.events import CORRELATION_ID_LENGTH, Headers, Record
from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.monitor import metrics

log = structlog.get_logger()
ERROR_LENGTH = 500
NAME_LENGTH, REASON_LENGTH = 254, 500
# A record near the broker's limit, with the headers added here, would be refused for ever.
LARGEST_COPY = 500_000


def bury(
    service: str,
    record: Record,
    error: Exception,
    *,
    now: datetime,
    attempt: inbox.Try | None = None,
) -> None:
    """Put a record aside with its error, once, and publish it to its dead letter topic."""
    with transaction.atomic(using=service):
        arrived = [(record.event_id, record)]
        if not inbox.keep_new(service, arrived, now=now, attempt=attempt):
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
            error_kind=kind_of(message),
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
    metrics.dead_letters.labels(record.topic).inc()
    log.error(
        "dead_letter",
        service=service,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        # Further lines are a database's, which may tell the row.
        error=message.partition("\n")[0],
        **{**telling.ids_of(record), "event_id": str(record.event_id)},
    )


def redrive(service: str, ids: Iterable[int], *, now: datetime, by: str = "") -> list[int]:
    """Send dead letters to their topics again, as they were; gives the ids of those sent.

    Those redriven or discarded before are left out. The service forgets that it had the event, so
    that it is handled anew; other readers of the topic know its id and drop it.
    """
    with transaction.atomic(using=service):
        letters = list(_lock(service, ids).defer("traceback"))
        inbox.forget(service, [letter.event_id for letter in letters])
        # A record without an id of its own goes by the one it was buried under.
        rows = [_row(d, d.topic, {**d.headers, "ce_id": str(d.event_id)}, now) for d in letters]
        bulk.insert(outbox_of(service), outbox.COLUMNS, rows, using=service)
        return _settle(service, letters, redriven_at=now, redriven_by=by[:NAME_LENGTH])


def discard(
    service: str, ids: Iterable[int], *, reason: str, now: datetime, by: str = ""
) -> list[int]:
    """Give up on dead letters; gives the ids of those discarded.

    Those redriven or discarded before are left out. Their events count as handled, as they did
    since they were buried. Raises `NoReason` where nobody says why.
    """
    if not (why := reason.strip()):
        raise NoReason
    with transaction.atomic(using=service):
        letters = list(_lock(service, ids).only("pk"))
        found = _settle(
            service,
            letters,
            discarded_at=now,
            discarded_by=by[:NAME_LENGTH],
            discard_reason=why[:REASON_LENGTH],
        )
    if found:
        log.info("dead_letters_discarded", service=service, count=len(found))
    return found


def restore(service: str, ids: Iterable[int]) -> list[int]:
    """Let discarded letters wait again; gives the ids of those that do now."""
    with transaction.atomic(using=service):
        letters = dead_letters_of(service).objects.select_for_update()
        discarded = list(letters.filter(pk__in=list(ids)).exclude(discarded_at=None).order_by("pk"))
        return _settle(service, discarded, discarded_at=None, discarded_by="", discard_reason="")


def _lock(service: str, ids: Iterable[int]) -> Any:
    """Give those of the letters that wait, and keep others from deciding until the end."""
    letters = dead_letters_of(service).objects.select_for_update().waiting()
    return letters.filter(pk__in=list(ids)).order_by("pk")


def _settle(service: str, letters: Sequence[Any], **decision: Any) -> list[int]:
    ids = [letter.pk for letter in letters]
    dead_letters_of(service).objects.filter(pk__in=ids).update(**decision)
    return ids


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
        # By the relay always: Debezium does not send headers of its own.
        None,
    )


def _storable(text: str) -> str:
    """Take out what no database keeps: NUL characters and half surrogate pairs."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
