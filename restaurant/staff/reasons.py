"""Why an order does not get on: found by looking into every service's book."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Count, F
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Courier, Delivery
from kitchen.models import KitchenOrder, Station, Ticket
from orders.models import Order
from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.staff import books

# Longer ones do not fit the column that keeps them.
LENGTH = 200
NOT_HERE = {
    "kitchen": gettext_lazy("the kitchen's book cannot be read here"),
    "delivery": gettext_lazy("delivery's book cannot be read here"),
}
AWAY = {
    "kitchen": gettext_lazy("the kitchen's book does not answer"),
    "delivery": gettext_lazy("delivery's book does not answer"),
}


def reasons(orders: Sequence[Order], *, now: datetime) -> dict[UUID, str]:
    """Say of unfinished orders what each waits for, in the site's language; `now` is UTC."""
    look = _Look([order.public_id for order in orders], now)
    return {order.public_id: look.reason(order.public_id)[:LENGTH] for order in orders}


class _Look:
    """What the books say of some orders: a fixed number of statements, however many they are."""

    def __init__(self, ids: Sequence[UUID], now: datetime) -> None:
        self.now = now
        self.kitchen: Mapping[UUID, KitchenOrder] = {}
        self.tickets: Mapping[UUID, list[Ticket]] = defaultdict(list)
        self.deliveries: Mapping[UUID, Delivery] = {}
        # By service whose book cannot be read: why.
        self.unread: dict[str, str | Promise] = {}
        letters: list[tuple[str, Any]] = []
        unsent: list[tuple[str, Any]] = []
        for service in books.PIPELINE:
            if not books.has(service):
                self.unread[service] = NOT_HERE.get(service, "")
                continue
            try:
                letters += _rows(service, dead_letters_of(service), ids, redriven_at=None)
                unsent += _rows(service, outbox_of(service), ids, published_at=None)
                self._read(service, ids)
            except DatabaseError:
                # What others know of the orders is told all the same.
                self.unread[service] = AWAY.get(service, "")
        self.letters = _first_by_key(row for row in letters if row[1].discarded_at is None)
        # A discarded message explains only what its service has not heard of.
        self.discarded = {
            (service, letter.key): letter
            for service, letter in letters
            if letter.discarded_at is not None
        }
        self.unsent = _first_by_key(unsent)

    def _read(self, service: str, ids: Sequence[UUID]) -> None:
        if service == "kitchen":
            self._read_kitchen(ids)
        if service == "delivery":
            self._read_delivery(ids)

    def _read_kitchen(self, ids: Sequence[UUID]) -> None:
        self.kitchen = KitchenOrder.objects.in_bulk(list(ids))
        open_ = Ticket.objects.filter(
            order_id__in=list(ids), status__in=[Ticket.Status.QUEUED, Ticket.Status.COOKING]
        )
        for ticket in open_.select_related("station").order_by("pk"):
            self.tickets[ticket.order_id].append(ticket)
        # By the tickets that cook, for which there is an index: a count with a filter would read
        # every ticket there ever was.
        busy = Station.objects.filter(tickets__status=Ticket.Status.COOKING)
        full = busy.annotate(cooking=Count("tickets")).filter(cooking__gte=F("capacity"))
        self.full = set(full.values_list("pk", flat=True))

    def _read_delivery(self, ids: Sequence[UUID]) -> None:
        # First, for it is asked of none but deliveries that were found.
        self.somebody_on_shift = Courier.objects.filter(on_shift=True).exists()
        found = Delivery.objects.filter(order_id__in=list(ids)).select_related("courier")
        self.deliveries = {delivery.order_id: delivery for delivery in found}

    def reason(self, id_: UUID) -> str:
        """Say it in one line; what has come furthest speaks."""
        if row := self.letters.get(str(id_)):
            service, letter = row
            told = {"topic": letter.topic, "service": service, "error": letter.error}
            return _("%(topic)s is a dead letter of %(service)s: %(error)s") % told
        if row := self.unsent.get(str(id_)):
            service, message = row
            told = {"topic": message.topic, "service": service}
            return _("%(topic)s waits in the outbox of %(service)s") % told
        if delivery := self.deliveries.get(id_):
            return self._in_delivery(delivery)
        if "kitchen" in self.unread:
            return str(self.unread["kitchen"])
        if order := self.kitchen.get(id_):
            return self._in_kitchen(order)
        return self._dropped("kitchen", id_) or _("the kitchen has not heard of it")

    def _in_kitchen(self, order: KitchenOrder) -> str:
        if waits := [self._at_station(ticket) for ticket in self.tickets[order.pk]]:
            return "; ".join(waits)
        if order.status != KitchenOrder.Status.COOKED:
            return self._dropped("orders", order.pk) or _(
                "orders has not heard that the kitchen says %(status)s"
            ) % {"status": order.get_status_display()}
        if "delivery" in self.unread:
            return str(self.unread["delivery"])
        return self._dropped("delivery", order.pk) or _("delivery has not heard that it is cooked")

    def _at_station(self, ticket: Ticket) -> str:
        told = {"station": ticket.station.name}
        if ticket.status == Ticket.Status.QUEUED:
            if ticket.station_id in self.full:
                return _("%(station)s is full") % told
            return _("waits to be started at %(station)s") % told
        if ticket.due_at is None:
            return _("waits to be bumped at %(station)s") % told
        if ticket.due_at < self.now:
            return _("the timer of %(station)s is late: is the kitchen's worker running?") % told
        return _("cooks at %(station)s") % told

    def _in_delivery(self, delivery: Delivery) -> str:
        told: dict[str, Any] = {
            "courier": delivery.courier,
            "since": delivery.waiting_since and f"{delivery.waiting_since:%H:%M} UTC",
            "status": delivery.get_status_display(),
        }
        if delivery.is_held:
            return _("%(who)s keeps it from being assigned since %(since)s") % {
                **told,
                "who": delivery.held_by,
            }
        if delivery.status == Delivery.Status.AWAITING_COURIER:
            if self.somebody_on_shift:
                return _("waits for a courier since %(since)s: all are busy") % told
            return _("waits for a courier since %(since)s: nobody is on shift") % told
        if delivery.status not in Delivery.CARRIED:
            return self._dropped("orders", delivery.order_id) or (
                _("orders has not heard that delivery says %(status)s") % told
            )
        if delivery.due_at and delivery.due_at < self.now:
            return _("%(courier)s's timer is late: is delivery's worker running?") % told
        if delivery.status == Delivery.Status.ASSIGNED:
            return _("waits to be picked up by %(courier)s") % told
        return _("on the road with %(courier)s") % told

    def _dropped(self, service: str, id_: UUID) -> str:
        """Say what of an order somebody discarded for a service, if anything."""
        if (letter := self.discarded.get((service, str(id_)))) is None:
            return ""
        return _("%(topic)s was discarded for %(service)s by %(by)s: %(reason)s") % {
            "topic": letter.topic,
            "service": service,
            "by": letter.discarded_by,
            "reason": letter.discard_reason,
        }


def _rows(service: str, model: Any, ids: Sequence[UUID], **fields: Any) -> list[tuple[str, Any]]:
    """Give a service's messages of some orders with its name, the oldest first."""
    found = model.objects.filter(key__in=[str(id_) for id_ in ids], **fields)
    return [(service, row) for row in found.defer("payload").order_by("pk")]


def _first_by_key(rows: Iterable[tuple[str, Any]]) -> dict[str, tuple[str, Any]]:
    """Give each key's oldest row and its service; an earlier service's goes first."""
    found: dict[str, tuple[str, Any]] = {}
    for service, row in rows:
        found.setdefault(row.key, (service, row))
    return found
