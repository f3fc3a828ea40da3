"""How each service writes its part of a story down, after its housekeeping has been there."""

from dataclasses import dataclass
from random import Random
from typing import Any

from delivery import models as delivery
from delivery.models import Delivery
from kitchen import models as kitchen
from kitchen.models import KitchenOrder, Ticket
from orders import models as orders
from orders.models import Order
from restaurant.demo.past.ground import Ground
from restaurant.demo.past.moments import dashed, new_id, written
from restaurant.demo.past.payloads import message_of
from restaurant.demo.past.story import NOBODY, Cooking, Event, Story, Try
from restaurant.demo.past.tables import Book, Row, Table
from restaurant.staff.audit import checks
from restaurant.staff.audit.cases import READERS
from restaurant.trail.models import TrailEntry

# One in so many is done by somebody's hand, and so in the trail: tickets bumped, couriers chosen.
BY_HAND = 3
# One in so many kitchen's events failed at first, and was sent again.
BURIED = 4000
PARTITIONS = 4
TOOK = 0.25
OUTBOX = (
    *("event_id", "topic", "key", "type", "payload", "correlation_id", "headers"),
    *("created_at", "published_at"),
)
INBOX = ("event_id", "topic", "partition", "offset", "handled_at")
LETTER = (
    *("event_id", "topic", "partition", "offset", "key", "type", "headers", "payload", "error"),
    *("error_kind", "traceback", "failed_at", "redriven_at", "redriven_by"),
)
TRAIL = (
    *("at", "actor_id", "actor", "address", "via", "request_id", "action", "object_type"),
    *("object_id", "object_name", "before", "after", "reason"),
)
Via = TrailEntry.Via


@dataclass(frozen=True, slots=True)
class Since:
    """Since when, in seconds since 1970, rows are kept that housekeeping deletes or blanks."""

    outbox: float
    inbox: float
    client_address: float
    idempotency_key: float


class Mail:
    """A service's outbox, inbox and settled dead letters."""

    def __init__(self, service: str, models_: Any, since: Since) -> None:
        self.service = service
        self.outbox = Table(models_.OutboxMessage, *OUTBOX)
        self.inbox = Table(models_.InboxMessage, *INBOX)
        self.letters = Table(models_.DeadLetter, *LETTER)
        self._since = since
        self._offset = 0

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.outbox, self.inbox, self.letters

    def carry(self, story: Story) -> None:
        """Write what the service said of an order, and what it heard."""
        for event in story.events:
            handled = event.at + TOOK
            if self.service in READERS[event.topic] and self._since.inbox < handled <= story.now:
                self._hear(story, event, handled)
            if event.source == self.service and self._since.outbox < event.at:
                self._say(story, event)

    def _hear(self, story: Story, event: Event, handled: float) -> None:
        self._offset += 1
        place = (event.topic, story.dice % PARTITIONS, self._offset)
        if self.service == "kitchen" and story.dice % BURIED == 3 and handled + 60 <= story.now:
            self._bury(story, event, place)
            handled += 60
        self.inbox.rows.append((event.id, *place, written(handled)))

    def _say(self, story: Story, event: Event) -> None:
        kind, payload = message_of(story, event)
        key, at = dashed(story.id), event.at
        row = (event.id, event.topic, key, kind, payload, story.correlation_id, "{}")
        self.outbox.rows.append((*row, written(at), written(at + TOOK / 2)))

    def _bury(self, story: Story, event: Event, place: Row) -> None:
        kind, payload = message_of(story, event)
        error = "OperationalError: the database system is shutting down"
        row = (event.id, *place, dashed(story.id), kind, "{}", payload, error, error, "")
        again = written(event.at + 60)
        self.letters.rows.append((*row, written(event.at + TOOK), again, "manager@staff.example"))


class OrdersBook(Book):
    """Orders with lines, timeline and idempotency keys."""

    def __init__(self, ground: Ground, since: Since, chance: Random) -> None:
        self._ground, self._since, self._chance = ground, since, chance
        self._mail = Mail("orders", orders, since)
        self._orders = Table(
            *(Order, "id", "public_id", "customer_id", "status", "status_rank"),
            *("cancel_requested", "currency", "total", "address", "note", "version"),
            *("correlation_id", "client_address", "created_at", "updated_at", "overdue_reason"),
        )
        self._lines = Table(
            *(orders.OrderLine, "order_id", "sku", "name", "quantity", "unit_price", "station"),
            *("preparation_seconds", "note", "options"),
        )
        self._timeline = Table(orders.TimelineEntry, *orders.TimelineEntry.COLUMNS)
        self._keys = Table(
            *(orders.IdempotencyKey, "customer_id", "key", "request_hash", "order_id"),
            "created_at",
        )
        self._trail = Table(orders.TrailEntry, *TRAIL)
        super().__init__(
            "orders",
            *(self._orders, self._lines, self._timeline, self._keys, self._trail),
            *self._mail.tables,
        )

    def tell(self, story: Story) -> None:
        """Write an order down."""
        self._orders.rows.append(self._order(story))
        number = story.number
        self._lines.rows += [(number, *line) for line in story.meal.lines]
        self._timeline.rows += [
            (number, e.id, e.topic, e.status, written(e.at), e.detail) for e in story.events
        ]
        placed = written(story.placed)
        if story.placed > self._since.idempotency_key:
            name, hash_ = new_id(story.placed, self._chance), f"{story.dice:032x}"
            self._keys.rows.append((story.customer.id, name, hash_, story.id, placed))
        if story.cancelled and story.dice % BY_HAND == 0:
            self._trail.rows.append(self._cancel(story))
        self._mail.carry(story)

    def _order(self, story: Story) -> Row:
        rank = Order.Status(story.status).rank
        version = sum(1 for event in story.events if event.status)
        known = story.placed > self._since.client_address
        asked = any(event.topic == checks.CANCEL_REQUESTED for event in story.events)
        return (
            *(story.number, story.id, story.customer.id, story.status, rank, int(asked)),
            *(story.meal.order.currency, str(story.meal.order.total), story.address, story.note),
            *(version, story.correlation_id, f"203.0.113.{story.dice % 250}" if known else None),
            *(written(story.placed), written(story.events[-1].at), ""),
        )

    def _cancel(self, story: Story) -> Row:
        who, asked = self._ground.supporter, (story.cancelled or 0.0) - 0.5
        return (
            *(written(asked), who.pk.hex, who.email, "192.0.2.7", Via.ADMIN, "", "cancel"),
            *("orders.order", str(story.number), f"#{story.number}"),
            *('{"cancel_requested": false}', '{"cancel_requested": true}', story.reason),
        )


class KitchenBook(Book):
    """The kitchen's orders and tickets."""

    def __init__(self, ground: Ground, since: Since) -> None:
        self._ground, self._ticket_id = ground, 0
        self._mail = Mail("kitchen", kitchen, since)
        self._orders = Table(
            *(KitchenOrder, "order_id", "number", "status", "open_tickets", "address", "note"),
            *("reason", "correlation_id", "created_at", "updated_at"),
        )
        self._tickets = Table(
            *(Ticket, "id", "order_id", "station_id", "status", "lines", "preparation_seconds"),
            *("queued_at", "started_at", "due_at", "done_at", "cancelled_at", "acknowledged_at"),
            *("moved_by", "moved_at"),
        )
        self._trail = Table(kitchen.TrailEntry, *TRAIL)
        super().__init__("kitchen", self._orders, self._tickets, self._trail, *self._mail.tables)

    def tell(self, story: Story) -> None:
        """Write an order down, once the kitchen has it."""
        if story.queued <= story.now:
            opened = 0
            for cooking in story.tickets:
                opened += self._ticket(story, cooking)
            self._orders.rows.append(self._order(story, opened))
        self._mail.carry(story)

    def _order(self, story: Story, opened: int) -> Row:
        Status = KitchenOrder.Status  # noqa: N806 - a class
        if story.status in (Order.Status.REJECTED, Order.Status.CANCELLED):
            status = Status(story.status)
        elif not story.tickets or story.tickets[0].start > story.now or story.wants_cancel:
            status = Status.QUEUED
        else:
            status = Status.COOKING if opened else Status.COOKED
        reason = story.reason if status in (Status.REJECTED, Status.CANCELLED) else ""
        return (
            *(story.id, story.number, status, opened, story.address, story.note, reason),
            *(story.correlation_id, written(story.queued), written(story.last("kitchen"))),
        )

    def _ticket(self, story: Story, cooking: Cooking) -> int:
        """Write a ticket; gives 1 when it is still to be cooked, else 0."""
        self._ticket_id += 1
        part, queued = cooking.part, written(story.queued)
        row: Row
        if story.cancelled:
            at = written(story.cancelled)
            row = (Ticket.Status.CANCELLED, None, None, None, at, at, "", at)
        elif story.wants_cancel or cooking.start > story.now:
            row = (Ticket.Status.QUEUED, None, None, None, None, None, "", None)
        elif cooking.done > story.now:
            at, due = written(cooking.start), written(cooking.done)
            row = (Ticket.Status.COOKING, at, due, None, None, None, "", at)
        else:
            at, by = written(cooking.done), self._bump(story, cooking)
            row = (Ticket.Status.DONE, written(cooking.start), None, at, None, None, by, at)
        status, *rest = row
        fixed = (self._ticket_id, story.id, part.station.pk, status, part.dishes, part.seconds)
        self._tickets.rows.append((*fixed, queued, *rest))
        return int(status in (Ticket.Status.QUEUED, Ticket.Status.COOKING))

    def _bump(self, story: Story, cooking: Cooking) -> str:
        """Say who bumped a ticket, with an entry in the trail; empty when the timer did."""
        if (story.dice + self._ticket_id) % BY_HAND:
            return ""
        who, name = self._ground.cook, f"#{story.number} · {cooking.part.station.name}"
        self._trail.rows.append(
            (
                *(written(cooking.done), who.pk.hex, who.email, "192.0.2.5"),
                *(Via.KITCHEN_BOARD, "", "bump", "kitchen.ticket", str(self._ticket_id), name),
                *('{"status": "cooking"}', '{"status": "done"}', ""),
            )
        )
        return who.name


class DeliveryBook(Book):
    """Deliveries."""

    def __init__(self, ground: Ground, since: Since) -> None:
        self._ground, self._id = ground, 0
        self._mail = Mail("delivery", delivery, since)
        self._deliveries = Table(
            *(Delivery, "id", "order_id", "number", "address", "note", "status", "courier_id"),
            *("failed_courier_id", "attempt", "due_at", "waiting_since", "assigned_at"),
            *("dispatched_at", "delivered_at", "failed_at", "failure_reason", "moved_by"),
            *("moved_at", "correlation_id", "created_at", "updated_at"),
        )
        self._trail = Table(delivery.TrailEntry, *TRAIL)
        super().__init__("delivery", self._deliveries, self._trail, *self._mail.tables)

    def tell(self, story: Story) -> None:
        """Write a delivery down, once its order is cooked and a courier has it."""
        begun = [one for one in story.tries if one.assigned <= story.now]
        if begun:
            self._id += 1
            by = self._assign(story, begun[0]) if story.dice % BY_HAND == 1 else ""
            self._deliveries.rows.append(self._delivery(story, begun, by))
        self._mail.carry(story)

    def _delivery(self, story: Story, begun: list[Try], by: str) -> Row:
        last, now = begun[-1], story.now
        status, due, failed, reason = self._state(story, last)
        moved = max(at for at in (last.assigned, last.left, last.ended) if at <= now)
        if len(begun) > 1 and failed is None:
            failed, reason = begun[0].ended, NOBODY
        earlier = begun[0].courier.pk.hex if len(begun) > 1 else None
        delivered = last.ended if status == Delivery.Status.DELIVERED else None
        return (
            *(self._id, story.id, story.number, story.address, story.note, status),
            *(last.courier.pk.hex, earlier, len(begun), _or_none(due), None),
            *(written(last.assigned), _or_none(last.left if last.left <= now else None)),
            *(_or_none(delivered), _or_none(failed), reason, by, written(moved)),
            *(story.correlation_id, written(story.cooked + TOOK), written(moved)),
        )

    def _state(self, story: Story, last: Try) -> tuple[str, float | None, float | None, str]:
        """Give a delivery's status, when its timer is due, when it failed and why."""
        if last.left > story.now:
            return Delivery.Status.ASSIGNED, last.left, None, ""
        if last.ended > story.now:
            return Delivery.Status.OUT_FOR_DELIVERY, last.ended, None, ""
        if story.status == Order.Status.DELIVERED:
            return Delivery.Status.DELIVERED, None, None, ""
        return Delivery.Status.FAILED, None, last.ended, NOBODY

    def _assign(self, story: Story, first: Try) -> str:
        who, courier = self._ground.dispatcher, first.courier
        given = f'{{"key": "{courier.pk}", "name": "{courier.name}"}}'
        self._trail.rows.append(
            (
                *(written(first.assigned), who.pk.hex, who.email, "192.0.2.6"),
                *(Via.DISPATCH_BOARD, "", "assign", "delivery.delivery", str(self._id)),
                *(f"#{story.number}", '{"status": "awaiting_courier", "courier": null}'),
                *(f'{{"status": "assigned", "courier": {given}}}', ""),
            )
        )
        return who.name


def _or_none(moment: float | None) -> str | None:
    return None if moment is None else written(moment)
