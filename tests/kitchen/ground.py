"""What the kitchen's tests are made of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from google.protobuf.message import Message
from uuid_utils.compat import uuid7

from kitchen import handlers, services
from kitchen.models import KitchenOrder, OutboxMessage, Station, Ticket
from proto.kitchen_pb2 import KitchenChanged
from proto.orders_pb2 import OrderCancelRequested, OrderCreated, OrderLine, OrderLineOption
from restaurant.messaging import contracts
from restaurant.messaging.events import Event, Record

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def event_of(message: Message, correlation_id: str = "request-1") -> Event[Any]:
    """Give a message as it comes from the topic."""
    record = Record(contracts.topic_of(type(message)), 0, 0, contracts.key_of(message), {}, b"")
    return Event(uuid7(), NOW, correlation_id, message, record)


def line(station: str = "oven", seconds: int = 60, **fields: Any) -> OrderLine:
    given = {"sku": "MARGHERITA", "name": "Margherita", "quantity": 1, **fields}
    return OrderLine(station=station, preparation_seconds=seconds, **given)


def option(name: str) -> OrderLineOption:
    return OrderLineOption(sku=name.upper(), name=name, group="Size")


def created(*lines: OrderLine, order_id: UUID | None = None, number: int = 1) -> OrderCreated:
    return OrderCreated(
        order_id=str(order_id or uuid7()),
        number=number,
        lines=lines or [line()],
        address="12 Canal Street",
        note="ring twice",
    )


def cancel(order_id: UUID | str, reason: str = "changed my mind") -> OrderCancelRequested:
    return OrderCancelRequested(order_id=str(order_id), reason=reason)


def take(*messages: OrderCreated, now: datetime = NOW) -> None:
    with transaction.atomic(using="kitchen"):
        handlers.create_tickets([event_of(m) for m in messages], now=now)


def ask_to_cancel(*messages: OrderCancelRequested, now: datetime = NOW) -> None:
    with transaction.atomic(using="kitchen"):
        handlers.decide_cancellations([event_of(m) for m in messages], now=now)


def take_one(*lines: OrderLine, now: datetime = NOW) -> KitchenOrder:
    """Have the kitchen take an order, and give it."""
    message = created(*lines)
    take(message, now=now)
    return KitchenOrder.objects.get(pk=message.order_id)


def tick(now: datetime = NOW, limit: int = 1000) -> int:
    return services.cook(now=now, limit=limit)


def station(code: str = "oven", **fields: Any) -> Station:
    return Station.objects.create(code=code, name=code.title(), **fields)


def sent() -> list[Any]:
    """Give the events in the outbox, oldest first."""
    return [message for message in _outbox() if not isinstance(message, KitchenChanged)]


def notices() -> list[KitchenChanged]:
    """Give what screens were told, oldest first."""
    return [message for message in _outbox() if isinstance(message, KitchenChanged)]


def _outbox() -> list[Any]:
    rows = OutboxMessage.objects.order_by("sequence")
    return [contracts.decode(row.type, bytes(row.payload)) for row in rows]


def sent_names() -> list[str]:
    return [type(message).__name__ for message in sent()]


def ticket_statuses() -> list[str]:
    return list(Ticket.objects.order_by("id").values_list("status", flat=True))


def statuses(orders: Sequence[UUID] = ()) -> list[str]:
    found = KitchenOrder.objects.order_by("order_id")
    return list((found.filter(pk__in=orders) if orders else found).values_list("status", flat=True))
