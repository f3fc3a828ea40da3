"""All that is written of one order, read in a fixed number of statements, each by an index."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from auth_grpc.models import User
from delivery.models import Delivery
from kitchen.models import KitchenOrder, Ticket
from orders.models import Order, OrderLine, TimelineEntry
from restaurant.messaging.models import dead_letters_of, inbox_of, outbox_of
from restaurant.staff.books import PIPELINE
from restaurant.staff.order.rights import Rights

# More of a kind than an order has by far; a fault may make more than a page can show.
MOST = 200
OTHER_ORDERS = 5


@dataclass
class Dossier:
    """An order, and what of it a reader may see; what they may not is empty."""

    order: Order
    rights: Rights
    # When it was read, UTC.
    now: datetime
    lines: list[OrderLine] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    customer: User | None = None
    other_orders: list[Order] = field(default_factory=list)
    kitchen: KitchenOrder | None = None
    tickets: list[Ticket] = field(default_factory=list)
    delivery: Delivery | None = None
    # By service: what it said, what it could not handle, and what it handled by event.
    said: dict[str, list[Any]] = field(default_factory=dict)
    letters: dict[str, list[Any]] = field(default_factory=dict)
    heard: dict[str, dict[UUID, Any]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return str(self.order.public_id)

    def entry(self, *topics: str) -> TimelineEntry | None:
        """Give the timeline's first entry of these topics."""
        return next((entry for entry in self.timeline if entry.type in topics), None)


def read(order: Order, rights: Rights, *, now: datetime) -> Dossier:
    """Read what the reader may see of an order; `now` is UTC."""
    found = Dossier(order, rights, now)
    _read_orders(found)
    _read_kitchen(found)
    if rights.sees("delivery"):
        deliveries = Delivery.objects.select_related("courier", "failed_courier")
        found.delivery = deliveries.filter(order_id=order.public_id).first()
    _read_messages(found)
    return found


def _read_orders(found: Dossier) -> None:
    order, rights = found.order, found.rights
    if rights.sees("lines"):
        found.lines = list(order.lines.order_by("pk")[:MOST])
    if rights.sees("timeline"):
        found.timeline = list(order.timeline.order_by("at", "pk")[:MOST])
    found.customer = rights.users().filter(pk=order.customer_id).first()
    others = Order.objects.filter(customer_id=order.customer_id).exclude(pk=order.pk)
    found.other_orders = list(others.order_by("-pk")[: OTHER_ORDERS + 1])


def _read_kitchen(found: Dossier) -> None:
    if not found.rights.sees("kitchen"):
        return
    id_ = found.order.public_id
    found.kitchen = KitchenOrder.objects.filter(pk=id_).first()
    tickets = Ticket.objects.filter(order_id=id_).select_related("station").order_by("pk")
    found.tickets = list(tickets[:MOST])


def _read_messages(found: Dossier) -> None:
    rights = found.rights
    for service in PIPELINE:
        if rights.sees_messages(service):
            rows = outbox_of(service).objects.filter(key=found.key).order_by("sequence")
            found.said[service] = list(rows[:MOST])
        if rights.sees(f"{service}.letters"):
            rows = dead_letters_of(service).objects.filter(key=found.key).order_by("pk")
            found.letters[service] = list(rows.defer("traceback")[:MOST])
    ids = set(_event_ids(found))
    for service in PIPELINE:
        if rights.sees_messages(service):
            found.heard[service] = inbox_of(service).objects.in_bulk(list(ids))


def _event_ids(found: Dossier) -> Iterable[UUID]:
    """Give the ids of all its events: the timeline keeps them when the outbox is purged."""
    yield from (entry.event_id for entry in found.timeline)
    for letters in found.letters.values():
        yield from (letter.event_id for letter in letters)
    for rows in found.said.values():
        yield from map(id_of, rows)


def id_of(row: Any) -> UUID:
    """Give the id under which readers know an outbox row: a redriven one keeps its first."""
    try:
        return UUID(row.headers["ce_id"])
    except (KeyError, ValueError):
        return UUID(str(row.event_id))
