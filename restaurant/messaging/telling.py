"""What the logs tell of messages: the ids by which an order's way is found in them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars

from restaurant.messaging.events import CORRELATION_ID_LENGTH, Event, Record

log = structlog.get_logger()
# A line of so many is below the 16 KB that Docker keeps in one piece.
EVENTS_A_LINE = 60


def ids_of(record: Record) -> dict[str, str]:
    """Give the ids of a record. They are a stranger's texts, so each is cut."""
    return {
        "event_id": record.headers.get("ce_id", "")[:36],
        "type": record.topic,
        "order_id": record.key[:36],
        "correlation_id": record.headers.get("correlationid", "")[:CORRELATION_ID_LENGTH],
    }


def bound(record: Record) -> AbstractContextManager[Any]:
    """Have every line tell of this record, until the end."""
    return bound_contextvars(**ids_of(record))


def handled(service: str, events: Sequence[Event[Any]]) -> None:
    """Tell of events that were handled, with their ids: one line for many."""
    for some in _portions(events):
        found = [ids_of(event.record) for event in some]
        log.info("events_handled", service=service, count=len(found), events=found)


def sent(service: str, rows: Sequence[Any]) -> None:
    """Tell at DEBUG of outbox rows that went to the broker."""
    for some in _portions(rows):
        found = [
            {
                "event_id": str(row.event_id),
                "type": row.topic,
                "order_id": row.key,
                "correlation_id": row.correlation_id,
            }
            for row in some
        ]
        log.debug("events_sent", service=service, count=len(found), events=found)


def moved(orders: Iterable[str]) -> None:
    """Have the line of the request at hand, if there is one, name the orders that it moved."""
    if "request_id" not in get_contextvars():
        return
    ids = sorted(set(orders))
    if len(ids) == 1:
        bind_contextvars(order_id=ids[0])
    elif ids:
        bind_contextvars(order_ids=ids[:EVENTS_A_LINE])


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while portion := list(islice(left, EVENTS_A_LINE)):
        yield portion
