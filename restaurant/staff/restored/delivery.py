"""What delivery had done, told by orders' timelines."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.dateparse import parse_datetime
from google.protobuf.message import Message

from delivery import events
from delivery.models import Courier, Delivery
from delivery.services import (
    NewDelivery,
    RestoredDelivery,
    find_or_make_courier,
    restore_deliveries,
)
from orders.models import TimelineEntry
from proto import delivery_pb2
from restaurant.messaging.contracts import topic_of
from restaurant.messaging.restored import Said
from restaurant.staff.restored.told import COOKED, Known, Memory

DISPATCHED = topic_of(delivery_pb2.OrderDispatched)
DELIVERED = topic_of(delivery_pb2.OrderDelivered)
FAILED = topic_of(delivery_pb2.OrderDeliveryFailed)
TOPICS = frozenset({DISPATCHED, DELIVERED, FAILED})
Status = Delivery.Status


def recall(orders: Sequence[Known], now: datetime) -> tuple[int, list[Memory]]:
    """Bring deliveries to where they were; gives how many were behind, and delivery's events.

    Needs a transaction.
    """
    couriers: dict[str, Courier] = {}
    found = [_restored(each, couriers) for each in orders]
    behind = restore_deliveries(deliveries=found, now=now)
    return behind, [_memory(k, r, couriers) for k, r in zip(orders, found, strict=True)]


def _restored(known: Known, couriers: dict[str, Courier]) -> RestoredDelivery:
    order, dispatched = known.order, known.last(DISPATCHED)
    end = known.last(DELIVERED, FAILED)
    furthest = end or dispatched
    assert furthest is not None  # noqa: S101 - only orders that the topics tell of come here
    cooked = known.last(COOKED)
    courier = _courier(dispatched, couriers) if dispatched else None
    return RestoredDelivery(
        order=NewDelivery(
            order.public_id, order.pk, order.address, order.note, order.correlation_id
        ),
        status=_status(end, courier),
        courier=courier,
        attempt=int(furthest.detail.get("attempt") or furthest.detail.get("attempts") or 1),
        reason=str(furthest.detail.get("reason", "")),
        since=cooked.at if cooked else furthest.at,
        dispatched_at=dispatched.at if dispatched else None,
        eta=_eta(dispatched),
        at=furthest.at,
    )


def _status(end: TimelineEntry | None, courier: Courier | None) -> Delivery.Status:
    if end is None:
        return Status.OUT_FOR_DELIVERY
    if end.type == DELIVERED:
        return Status.DELIVERED
    return Status.FAILED if courier else Status.CANCELLED


def _courier(dispatched: TimelineEntry, couriers: dict[str, Courier]) -> Courier:
    name = str(dispatched.detail.get("courier", ""))
    if name not in couriers:
        couriers[name] = find_or_make_courier(name)
    return couriers[name]


def _eta(dispatched: TimelineEntry | None) -> datetime | None:
    text = dispatched.detail.get("eta") if dispatched else None
    return parse_datetime(text) if text else None


def _memory(known: Known, restored: RestoredDelivery, couriers: dict[str, Courier]) -> Memory:
    said = [
        Said(
            entry.event_id,
            _say(entry, restored, couriers),
            restored.order.correlation_id,
            entry.at,
        )
        for entry in known.entries(*TOPICS)
    ]
    return Memory(known.heard(COOKED), said)


def _say(entry: TimelineEntry, restored: RestoredDelivery, couriers: dict[str, Courier]) -> Message:
    order_id, attempt = restored.order.order_id, int(entry.detail.get("attempt") or 1)
    if entry.type == DISPATCHED:
        courier = _courier(entry, couriers)
        return events.dispatched(
            order_id,
            courier_id=courier.pk,
            courier_name=courier.name,
            attempt=attempt,
            eta=_eta(entry) or entry.at,
            at=entry.at,
        )
    if entry.type == DELIVERED:
        assert restored.courier is not None  # noqa: S101 - whoever delivers was dispatched
        return events.delivered(
            order_id, courier_id=restored.courier.pk, attempt=attempt, at=entry.at
        )
    attempts = int(entry.detail.get("attempts") or 1)
    return events.failed(order_id, reason=restored.reason, attempts=attempts, at=entry.at)
