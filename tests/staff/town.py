"""A restaurant in one process, without a broker: orders flow by the services' own handlers."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from google.protobuf.message import Message

from delivery.worker import worker as delivery_worker
from kitchen.worker import worker as kitchen_worker
from orders import services
from orders.models import Order, OutboxMessage
from orders.worker import worker as orders_worker
from proto.orders_pb2 import OrderCreated, OrderLine
from restaurant.messaging import contracts, events, inbox, outbox
from restaurant.messaging.models import outbox_of
from restaurant.messaging.outbox import Outgoing
from restaurant.staff.books import PIPELINE
from tests.staff import rows

WORKERS = (orders_worker, kitchen_worker, delivery_worker)
TYPES: dict[str, type[Message]] = {
    contracts.type_of(kind): kind for worker in WORKERS for kind in worker.handlers
}


def place(*quantities: int, now: datetime, station: str = "oven") -> Order:
    """Place an order with a line for each quantity, as the orders service does."""
    total = sum((Decimal("9.50") * n for n in quantities), Decimal(0))
    order = rows.order(0, total=total, created_at=now, updated_at=now)
    for quantity in quantities:
        rows.order_line(0, of=order, quantity=quantity, station=station)
    message = OrderCreated(
        order_id=str(order.public_id),
        number=order.pk,
        lines=[
            OrderLine(
                sku="MARGHERITA",
                name="Margherita",
                quantity=n,
                station=station,
                preparation_seconds=1,
            )
            for n in quantities
        ],
        address=order.address,
    )
    say("orders", message, now=now)
    event_id = OutboxMessage.objects.get(key=str(order.public_id)).event_id
    rows.timeline_entry(0, of=order, event_id=event_id, status="placed", at=now)
    return order


def ask_unheard(order: Order, **more: Any) -> None:
    """Ask to cancel a cooked order as its customer does before orders has heard of that."""
    known = Order.objects.filter(pk=order.pk)
    (now,) = known.values("status", "status_rank")
    known.update(status=Order.Status.COOKING, status_rank=Order.Status.COOKING.rank)
    given = {"requested_by": order.customer_id, **more}
    services.request_cancel(public_id=order.public_id, **given)
    known.update(**now)


def say(service: str, message: Message, *, now: datetime) -> None:
    with transaction.atomic(using=service):
        outbox.add(service, [Outgoing(message)], now=now)


def run(*, now: datetime, steps: int = 12) -> None:
    """Let mail be carried and timers tick until nothing moves, a minute at a time."""
    for step in range(steps):
        carry(now=now + timedelta(minutes=step))
        tick(now=now + timedelta(minutes=step))


def tick(*, now: datetime) -> None:
    for timer in (*kitchen_worker.timers, *delivery_worker.timers):
        timer(now=now, limit=1000)


def carry(*, now: datetime) -> None:
    """Bring what is in the outboxes to those who read it, until they are empty."""
    while waiting := [(s, m) for s in PIPELINE for m in _unpublished(s)]:
        for service, message in waiting:
            type(message).objects.filter(pk=message.pk).update(published_at=now)
            for worker in WORKERS:
                _bring(worker, service, message, now)


def _unpublished(service: str) -> Any:
    return outbox_of(service).objects.filter(published_at=None).order_by("sequence")


def record_of(source: str, message: Any) -> events.Record:
    """Give an outbox row as its readers have it."""
    headers = events.headers_of(message, source=source)
    return events.Record(
        message.topic, 0, message.sequence, message.key, headers, bytes(message.payload)
    )


def _bring(worker: Any, source: str, message: Any, now: datetime) -> None:
    kind = TYPES.get(message.type)
    if kind not in worker.handlers:
        return
    record = record_of(source, message)
    event = events.read(record, kind)
    with transaction.atomic(using=worker.service):
        if inbox.keep_new(worker.service, [(event.id, record)], now=now):
            worker.handlers[kind]([event], now=now)
