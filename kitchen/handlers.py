"""What the kitchen does when other services speak."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kitchen import services
from kitchen.errors import InvalidOrder
from kitchen.services import CancelRequest, NewOrder, NewTicket
from proto.orders_pb2 import OrderCancelRequested, OrderCreated, OrderLine
from restaurant.messaging.events import Event


def create_tickets(events: Sequence[Event[OrderCreated]], *, now: datetime) -> None:
    """Accept orders and split them into tickets, or reject them.

    Raises `InvalidOrder` for one without lines or with a line that names no station.
    """
    services.take_orders(orders=[_read_order(event) for event in events], now=now)


def decide_cancellations(events: Sequence[Event[OrderCancelRequested]], *, now: datetime) -> None:
    """Answer requests to cancel."""
    requests = [
        CancelRequest(UUID(e.message.order_id), e.message.reason, e.correlation_id) for e in events
    ]
    services.decide_cancellations(requests=requests, now=now)


def _read_order(event: Event[OrderCreated]) -> NewOrder:
    message = event.message
    return NewOrder(
        order_id=UUID(message.order_id),
        number=message.number,
        address=message.address,
        note=message.note,
        correlation_id=event.correlation_id,
        tickets=split_by_station(message.lines),
    )


def split_by_station(lines: Sequence[OrderLine]) -> list[NewTicket]:
    """Give a ticket a station, in the order in which the lines name them. Raises `InvalidOrder`."""
    by_station: dict[str, list[OrderLine]] = {}
    for line in lines:
        by_station.setdefault(line.station, []).append(line)
    if not by_station or "" in by_station:
        raise InvalidOrder("an order needs lines, and each line a station")
    return [
        NewTicket(
            station=station,
            lines=[_describe(line) for line in group],
            preparation_seconds=max(line.preparation_seconds for line in group),
        )
        for station, group in by_station.items()
    ]


def _describe(line: OrderLine) -> dict[str, Any]:
    """Give what a cook reads of a line."""
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "options": [option.name for option in line.options],
        "note": line.note,
    }
