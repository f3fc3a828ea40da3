"""How an order becomes an event."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from uuid_utils.compat import uuid7

from orders.pricing import PricedLine, PricedOrder
from proto import orders_pb2
from restaurant import money


def order_created(
    order: PricedOrder, *, id_: UUID, number: int, customer_id: UUID, placed_at: datetime
) -> orders_pb2.OrderCreated:
    """Tell that an order was placed; `placed_at` is UTC."""
    return orders_pb2.OrderCreated(
        order_id=str(id_),
        number=number,
        customer_id=str(customer_id),
        lines=[_line(line, order.currency) for line in order.lines],
        total=money.to_message(order.total, order.currency),
        address=order.address,
        note=order.note,
        placed_at=timestamp(placed_at),
    )


def _line(line: PricedLine, currency: str) -> orders_pb2.OrderLine:
    return orders_pb2.OrderLine(
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        options=[
            orders_pb2.OrderLineOption(
                sku=option["sku"],
                name=option["name"],
                group=option["group"],
                price=money.to_message(Decimal(option["price"]), currency),
            )
            for option in line.options
        ],
        unit_price=money.to_message(line.unit_price, currency),
        station=line.station,
        preparation_seconds=line.preparation_seconds,
        note=line.note,
    )


def order_cancel_requested(
    *, id_: UUID, reason: str, requested_by: UUID, requested_at: datetime
) -> orders_pb2.OrderCancelRequested:
    """Tell that somebody asked to cancel; `requested_at` is UTC."""
    return orders_pb2.OrderCancelRequested(
        order_id=str(id_),
        reason=reason,
        requested_at=timestamp(requested_at),
        requested_by=str(requested_by),
    )


def menu_changed(skus: Iterable[str], *, changed_at: datetime) -> orders_pb2.MenuChanged:
    """Tell screens which dishes were 86'd or put back; `changed_at` is UTC."""
    return orders_pb2.MenuChanged(
        id=str(uuid7()), changed_at=timestamp(changed_at), skus=sorted(skus)
    )


def timestamp(time: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp
