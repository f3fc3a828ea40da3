"""What the delivery service's tests are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from google.protobuf.message import Message
from uuid_utils.compat import uuid7

from delivery import handlers, services
from delivery.models import Courier, Delivery, OutboxMessage
from proto.delivery_pb2 import DeliveryChanged
from proto.kitchen_pb2 import OrderCooked
from restaurant.messaging import contracts
from restaurant.messaging.events import Event, Record

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def event_of(message: Message, correlation_id: str = "request-1") -> Event[Any]:
    """Give a message as it comes from the topic."""
    record = Record(contracts.topic_of(type(message)), 0, 0, contracts.key_of(message), {}, b"")
    return Event(uuid7(), NOW, correlation_id, message, record)


def cooked(number: int = 1, order_id: UUID | None = None) -> OrderCooked:
    return OrderCooked(
        order_id=str(order_id or uuid7()), number=number, address="12 Canal Street", note="ring"
    )


def plan(*messages: OrderCooked, now: datetime = NOW) -> None:
    with transaction.atomic(using="delivery"):
        handlers.plan_deliveries([event_of(m) for m in messages], now=now)


def plan_one(number: int = 1, now: datetime = NOW) -> Delivery:
    """Have a delivery planned, and give it."""
    message = cooked(number)
    plan(message, now=now)
    return Delivery.objects.get(order_id=message.order_id)


def plan_many(count: int) -> None:
    plan(*[cooked(number) for number in range(1, count + 1)])


def courier(name: str = "Ada", **fields: Any) -> Courier:
    return Courier.objects.create(name=name, **{"on_shift": True, **fields})


def tick(now: datetime = NOW, limit: int = 1000, chance: float = 1.0) -> int:
    return services.drive(now=now, limit=limit, chance=lambda: chance)


def sent() -> list[Any]:
    """Give the events in the outbox, oldest first."""
    return [message for message in _outbox() if not isinstance(message, DeliveryChanged)]


def notices() -> list[DeliveryChanged]:
    """Give what screens were told, oldest first."""
    return [message for message in _outbox() if isinstance(message, DeliveryChanged)]


def _outbox() -> list[Any]:
    rows = OutboxMessage.objects.order_by("sequence")
    return [contracts.decode(row.type, bytes(row.payload)) for row in rows]


def sent_names() -> list[str]:
    return [type(message).__name__ for message in sent()]


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("status", flat=True))


def carriers() -> list[str | None]:
    """Name who has each delivery, oldest first."""
    return list(Delivery.objects.order_by("id").values_list("courier__name", flat=True))
