"""What the kitchen had done, told by orders' timelines."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from google.protobuf.message import Message

from kitchen import events
from kitchen.handlers import split_by_station
from kitchen.models import KitchenOrder
from kitchen.services import NewOrder, RestoredOrder, restore_orders
from orders.models import OrderLine, TimelineEntry
from proto import kitchen_pb2, orders_pb2
from restaurant.messaging.contracts import topic_of
from restaurant.messaging.restored import Said
from restaurant.staff.restored.told import CANCEL_REQUESTED, COOKED, CREATED, Known, Memory

ACCEPTED = topic_of(kitchen_pb2.OrderAccepted)
COOKING = topic_of(kitchen_pb2.OrderCooking)
REJECTED = topic_of(kitchen_pb2.OrderRejected)
CANCELLED = topic_of(kitchen_pb2.OrderCancelled)
CANCEL_REJECTED = topic_of(kitchen_pb2.OrderCancelRejected)
ANSWERS = (CANCELLED, CANCEL_REJECTED)
Status = KitchenOrder.Status
# Where the order was, by the event that came furthest: the first one that was told.
FURTHEST = {
    CANCELLED: Status.CANCELLED,
    REJECTED: Status.REJECTED,
    COOKED: Status.COOKED,
    COOKING: Status.COOKING,
    ACCEPTED: Status.QUEUED,
}
TOPICS = frozenset({*FURTHEST, CANCEL_REJECTED})

# How each event was made.
_Say = Callable[[Known, TimelineEntry], Message]
SAY: Mapping[str, _Say] = {
    ACCEPTED: lambda k, e: events.accepted(
        k.order.public_id, stations=e.detail.get("stations", ()), at=e.at
    ),
    COOKING: lambda k, e: events.cooking(
        k.order.public_id, station=e.detail.get("station", ""), at=e.at
    ),
    COOKED: lambda k, e: events.cooked(
        k.order.public_id,
        number=k.order.pk,
        address=k.order.address,
        note=k.order.note,
        at=e.at,
    ),
    REJECTED: lambda k, e: events.rejected(
        k.order.public_id,
        reason=_reason(e),
        code=e.detail.get("code", ""),
        stations=e.detail.get("stations", ()),
        at=e.at,
    ),
    CANCELLED: lambda k, e: events.cancelled(k.order.public_id, reason=_reason(e), at=e.at),
    CANCEL_REJECTED: lambda k, e: events.cancel_rejected(
        k.order.public_id, reason=_reason(e), code=e.detail.get("code", ""), at=e.at
    ),
}


def recall(orders: Sequence[Known], now: datetime) -> tuple[int, list[Memory]]:
    """Bring the kitchen's orders to where they were; gives how many were behind, and its events.

    Needs a transaction.
    """
    behind = restore_orders(orders=[_restored(each) for each in orders], now=now)
    return behind, [_memory(each) for each in orders]


def _restored(known: Known) -> RestoredOrder:
    told = known.entries(*TOPICS)
    topic = next((topic for topic in FURTHEST if known.entries(topic)), ACCEPTED)
    furthest = known.last(topic) or told[-1]
    status = FURTHEST[topic]
    return RestoredOrder(
        order=_order(known, has_tickets=status != Status.REJECTED),
        status=status,
        reason=_reason(furthest),
        since=told[0].at,
        at=furthest.at,
    )


def _order(known: Known, *, has_tickets: bool) -> NewOrder:
    order = known.order
    return NewOrder(
        order_id=order.public_id,
        number=order.pk,
        address=order.address,
        note=order.note,
        correlation_id=order.correlation_id,
        # What was rejected may be what no tickets can be made of.
        tickets=split_by_station([_line(line) for line in known.lines]) if has_tickets else [],
    )


def _line(line: OrderLine) -> orders_pb2.OrderLine:
    """Give what the kitchen reads of a line, as it was told of it."""
    return orders_pb2.OrderLine(
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        options=[orders_pb2.OrderLineOption(name=option["name"]) for option in line.options],
        note=line.note,
        station=line.station,
        preparation_seconds=line.preparation_seconds,
    )


def _memory(known: Known) -> Memory:
    heard = known.heard(CREATED)
    if known.entries(*ANSWERS):
        heard += known.heard(CANCEL_REQUESTED)
    said = [
        Said(entry.event_id, SAY[entry.type](known, entry), known.order.correlation_id, entry.at)
        for entry in known.entries(*TOPICS)
    ]
    return Memory(heard, said)


def _reason(entry: TimelineEntry) -> str:
    return str(entry.detail.get("reason", ""))
