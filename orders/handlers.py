"""How other services' events move an order on, as far as its customer sees it.

Events come late, twice, or in another order than they happened: topics do not wait for each other.
So the status only moves forward by rank, one that ended stays ended, and the timeline tells every
event once, whenever it comes.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone
from google.protobuf.message import Message

from orders.cache import TTL, live_rows, order_cache
from orders.errors import UnknownOrder
from orders.models import Order, TimelineEntry
from proto import delivery_pb2, kitchen_pb2
from restaurant import bulk
from restaurant.messaging import contracts
from restaurant.messaging.events import Event
from restaurant.monitor import metrics

Status = Order.Status
Detail = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event says of an order: its status, if any, and what the timeline tells beside."""

    status: Order.Status | None
    detail: Detail = lambda _: {}


def _reason(message: Any) -> dict[str, Any]:
    return {"reason": message.reason} if message.reason else {}


def _refusal(message: Any) -> dict[str, Any]:
    """Tell why the kitchen refused, for people and for programs."""
    return {**({"code": message.code} if message.code else {}), **_reason(message)}


def _rejection(message: Any) -> dict[str, Any]:
    stations = {"stations": list(message.stations)} if message.stations else {}
    return {**_refusal(message), **stations}


MEANINGS: Mapping[type[Message], Meaning] = {
    kitchen_pb2.OrderAccepted: Meaning(Status.ACCEPTED, lambda m: {"stations": list(m.stations)}),
    kitchen_pb2.OrderRejected: Meaning(Status.REJECTED, _rejection),
    kitchen_pb2.OrderCooking: Meaning(Status.COOKING, lambda m: {"station": m.station}),
    kitchen_pb2.OrderCooked: Meaning(Status.COOKED),
    kitchen_pb2.OrderCancelled: Meaning(Status.CANCELLED, _reason),
    kitchen_pb2.OrderCancelRejected: Meaning(None, _refusal),
    delivery_pb2.OrderDispatched: Meaning(
        Status.OUT_FOR_DELIVERY,
        lambda m: {
            "courier": m.courier_name,
            "attempt": m.attempt,
            "eta": m.eta.ToJsonString() if m.HasField("eta") else None,
        },
    ),
    delivery_pb2.OrderDelivered: Meaning(Status.DELIVERED, lambda m: {"attempt": m.attempt}),
    delivery_pb2.OrderDeliveryFailed: Meaning(
        Status.DELIVERY_FAILED, lambda m: {**_reason(m), "attempts": m.attempts}
    ),
}


def apply_status(events: Sequence[Event[Any]], *, now: datetime) -> None:
    """Move the orders on and write their timelines.

    Raises `UnknownOrder` when an event tells of an order that was never placed here.
    """
    orders = _known(events)
    ids = {text: order.id for text, order in orders.items()}
    _move(events, ids, now)
    _clear_cancels(events, ids, now)
    _tell(events, ids)
    transaction.on_commit(partial(_count, events, orders), using="orders")


def refresh_cache(events: Sequence[Event[Any]]) -> None:
    """Bring what was just committed to the cache; repeats too, lest a crash left them out."""
    ids = {UUID(event.message.order_id) for event in events if _is_uuid(event.message.order_id)}
    try:
        changed = list(live_rows(public_id__in=ids))
    except DatabaseError:
        order_cache.missed_since(timezone.now() - TTL)
        raise
    order_cache.refresh(changed)


def repair_cache(*, now: datetime, limit: int) -> int:
    """Bring to the cache what it missed while it was away."""
    return int(order_cache.repair())


class Known(NamedTuple):
    """An order as it was before the events."""

    public_id: UUID
    id: int
    status: str
    status_rank: int
    created_at: datetime


def _known(events: Sequence[Event[Any]]) -> dict[str, Known]:
    """Find the orders by the ids in the events, and lock them, in the order of their keys.

    An order's timeline is numbered by its rows' keys (`orders.story`). Whoever writes to it holds
    the order until they commit, so that no lower key can appear after a higher one was seen.
    """
    wanted = {event.message.order_id: UUID(event.message.order_id) for event in events}
    # Without a key in them, as the timeline's rows hold their order by its key.
    locked = Order.objects.select_for_update(no_key=True).order_by("id")
    rows = locked.filter(public_id__in=set(wanted.values())).values_list(*Known._fields)
    found = {row[0]: Known._make(row) for row in rows}
    if missing := [text for text, id_ in wanted.items() if id_ not in found]:
        raise UnknownOrder(missing[0])
    return {text: found[id_] for text, id_ in wanted.items()}


def _move(events: Sequence[Event[Any]], ids: Mapping[str, int], now: datetime) -> None:
    furthest: dict[int, Order.Status] = {}
    for event in events:
        number, status = ids[event.message.order_id], MEANINGS[type(event.message)].status
        if status and (number not in furthest or status.rank > furthest[number].rank):
            furthest[number] = status
    bulk.update(
        Order,
        "id",
        ["status", "status_rank", "updated_at"],
        [(number, status, status.rank, now) for number, status in sorted(furthest.items())],
        using="orders",
        also="version = t.version + 1, overdue_since = NULL, overdue_reason = ''",
        where="r.status_rank > t.status_rank",
    )


def _clear_cancels(events: Sequence[Event[Any]], ids: Mapping[str, int], now: datetime) -> None:
    refused = {
        ids[event.message.order_id]
        for event in events
        if isinstance(event.message, kitchen_pb2.OrderCancelRejected)
    }
    bulk.update(
        Order,
        "id",
        ["cancel_requested", "updated_at"],
        [(number, False, now) for number in sorted(refused)],
        using="orders",
        also="version = t.version + 1",
        where="t.cancel_requested",
    )


def _tell(events: Sequence[Event[Any]], ids: Mapping[str, int]) -> None:
    bulk.insert(
        TimelineEntry,
        TimelineEntry.COLUMNS,
        [_entry(event, ids[event.message.order_id]) for event in events],
        using="orders",
        ignore_conflicts=True,
    )


def _entry(event: Event[Any], number: int) -> tuple[Any, ...]:
    kind = type(event.message)
    meaning = MEANINGS[kind]
    return (
        number,
        event.id,
        contracts.topic_of(kind),
        meaning.status or "",
        event.time,
        meaning.detail(event.message),
    )


def _count(events: Sequence[Event[Any]], orders: Mapping[str, Known]) -> None:
    """Count how orders moved, and how long after their placing."""
    furthest: dict[str, Order.Status] = {}
    for event in events:
        text, status = event.message.order_id, MEANINGS[type(event.message)].status
        if status is None:
            continue
        seconds = (event.time - orders[text].created_at).total_seconds()
        metrics.time_to_status.labels(status).observe(max(0.0, seconds))
        if text not in furthest or status.rank > furthest[text].rank:
            furthest[text] = status
    moves = Counter(
        (orders[text].status, status.value)
        for text, status in furthest.items()
        if status.rank > orders[text].status_rank
    )
    for (source, target), count in moves.items():
        metrics.transitions.labels("order", source, target).inc(count)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
