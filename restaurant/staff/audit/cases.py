"""Gathering what every book says of an order, for many orders at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from delivery.models import Delivery
from delivery.worker import worker as delivery_worker
from kitchen.models import KitchenOrder, Ticket
from kitchen.worker import worker as kitchen_worker
from orders.models import Order, OrderLine, TimelineEntry
from orders.worker import worker as orders_worker
from restaurant.messaging import contracts
from restaurant.messaging.models import inbox_of, outbox_of
from restaurant.staff.books import PIPELINE

# Topic → the services that read it, as their workers declare.
READERS: dict[str, list[str]] = defaultdict(list)
for _worker in (orders_worker, kitchen_worker, delivery_worker):
    for _kind in _worker.handlers:
        READERS[contracts.topic_of(_kind)].append(_worker.service)


class Said(NamedTuple):
    """An event in a service's outbox."""

    by: str
    topic: str
    event_id: UUID
    published_at: datetime | None


class Told(NamedTuple):
    """An event in an order's timeline."""

    event_id: UUID
    topic: str
    status: str


@dataclass
class Case:
    """An order, and what is written of it in every book."""

    order: Order
    lines_total: Decimal = Decimal(0)
    dishes: int = 0
    timeline: list[Told] = field(default_factory=list)
    kitchen: KitchenOrder | None = None
    tickets: list[Ticket] = field(default_factory=list)
    delivery: Delivery | None = None
    # By their ids: what was redriven is what it was.
    said: dict[UUID, Said] = field(default_factory=dict)
    # Which service has handled which event.
    heard: set[tuple[str, UUID]] = field(default_factory=set)

    def sayings(self, topic: str) -> list[Said]:
        return [said for said in self.said.values() if said.topic == topic]

    def has_handled(self, service: str, topic: str) -> bool:
        return any((service, said.event_id) in self.heard for said in self.sayings(topic))

    @property
    def happened(self) -> set[str]:
        """Topics of the events that the timeline tells of."""
        return {told.topic for told in self.timeline}


def cases(orders: Sequence[Order]) -> Iterable[Case]:
    """Read all books on these orders."""
    found = {order.public_id: Case(order) for order in orders}
    _read_orders({case.order.pk: case for case in found.values()})
    _read_kitchen(found)
    deliveries = Delivery.objects.filter(order_id__in=list(found)).order_by()
    for delivery in deliveries.only("order_id", "status"):
        found[delivery.order_id].delivery = delivery
    _read_messages(found)
    return found.values()


def _read_orders(found: dict[int, Case]) -> None:
    lines = OrderLine.objects.filter(order_id__in=list(found)).order_by()
    for pk, quantity, price in lines.values_list("order_id", "quantity", "unit_price"):
        found[pk].lines_total += quantity * price
        found[pk].dishes += quantity
    entries = TimelineEntry.objects.filter(order_id__in=list(found)).order_by()
    for pk, event_id, topic, status in entries.values_list(
        "order_id", "event_id", "type", "status"
    ):
        found[pk].timeline.append(Told(event_id, topic, status))


def _read_kitchen(found: dict[UUID, Case]) -> None:
    orders = KitchenOrder.objects.filter(order_id__in=list(found)).order_by()
    for order in orders.only("order_id", "status", "open_tickets"):
        found[order.order_id].kitchen = order
    tickets = Ticket.objects.filter(order_id__in=list(found)).order_by()
    for ticket in tickets.only("order_id", "status", "lines"):
        found[ticket.order_id].tickets.append(ticket)


def _read_messages(found: dict[UUID, Case]) -> None:
    keys = [str(order_id) for order_id in found]
    by_event: dict[str, dict[UUID, Case]] = defaultdict(dict)
    for service in PIPELINE:
        rows = outbox_of(service).objects.filter(key__in=keys).order_by("sequence")
        columns = ("key", "topic", "published_at", "event_id", "headers__ce_id")
        for key, topic, published_at, event_id, first_id in rows.values_list(*columns):
            if topic not in READERS:
                continue
            case, id_ = found[UUID(key)], UUID(first_id) if first_id else event_id
            saying = Said(service, topic, id_, published_at)
            if first_id or id_ not in case.said:
                case.said[id_] = saying
            for reader in READERS[topic]:
                by_event[reader][id_] = case
    for reader, waiting in by_event.items():
        _read_inbox(reader, waiting)


def _read_inbox(reader: str, waiting: dict[UUID, Any]) -> None:
    handled = inbox_of(reader).objects.filter(event_id__in=list(waiting)).order_by()
    for event_id in handled.values_list("event_id", flat=True):
        waiting[event_id].heard.add((reader, event_id))
