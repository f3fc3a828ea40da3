"""What the delivery service does when other services speak."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from delivery import services
from delivery.services import NewDelivery
from proto.kitchen_pb2 import OrderCooked
from restaurant.messaging.events import Event


def plan_deliveries(events: Sequence[Event[OrderCooked]], *, now: datetime) -> None:
    """Put cooked orders into the queue for a courier."""
    services.plan_deliveries(deliveries=[_read(event) for event in events], now=now)


def _read(event: Event[OrderCooked]) -> NewDelivery:
    message = event.message
    return NewDelivery(
        order_id=UUID(message.order_id),
        number=message.number,
        address=message.address,
        note=message.note,
        correlation_id=event.correlation_id,
    )
