"""What the kitchen had done, told by orders' timelines."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from google.protobuf.message import Message

from kitchen import events
from kitchen.models import KitchenOrder
from kitchen.services import NewOrder, NewTicket, RestoredOrder, restore_orders
from orders.models import OrderLine, TimelineEntry
from proto import kitchen_pb2
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
    REJECTED: lambda k, e: events.rejected(k.order.public_id, reason=_reason(e), at=e.at),
    CANCELLED: lambda k, e: events.cancelled(k.order.public_id, reason=_reason(e), at=e.at),
    CANCEL_REJECTED: lambda k, e: events.cancel_rejected(
        k.order.public_id, reason=_reason(e), at=e.at
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
    return RestoredOrder(
        order=_order(known),
        status=FURTHEST[topic],
        reason=_reason(furthest),
        since=told[0].at,
        at=furthest.at,
    )


def _order(known: Known) -> NewOrder:
    order = known.order
    by_station: dict[str, list[OrderLine]] = {}
    for line in known.lines:
        by_station.setdefault(line.station, []).append(line)
    return NewOrder(
        order_id=order.public_id,
        number=order.pk,
        address=order.address,
        note=order.note,
        correlation_id=order.correlation_id,
        tickets=[
            NewTicket(station, [_line(line) for line in lines], _longest(lines))
            for station, lines in by_station.items()
        ],
    )


def _line(line: OrderLine) -> dict[str, object]:
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "options": [option["name"] for option in line.options],
        "note": line.note,
    }


def _longest(lines: Sequence[OrderLine]) -> int:
    return max(line.preparation_seconds for line in lines)


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
