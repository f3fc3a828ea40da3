"""Starting and finishing tickets: what the clock and staff share. Callers hold the locks."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from google.protobuf.message import Message

from kitchen import events
from kitchen.models import KitchenOrder, Station, Ticket
from kitchen.services.turns import Turn
from restaurant import bulk

STARTABLE_FIELDS = (
    "id",
    "preparation_seconds",
    "order_id",
    "order__status",
    "order__correlation_id",
)
FINISHABLE_FIELDS = (
    "id",
    "order_id",
    "order__open_tickets",
    "order__number",
    "order__address",
    "order__note",
    "order__correlation_id",
)


class Startable(NamedTuple):
    """A queued ticket, its station, and what its start needs of its order."""

    station: Station
    # As STARTABLE_FIELDS.
    ticket_id: int
    preparation_seconds: int
    order_id: UUID
    order_status: str
    correlation_id: str


class Finishable(NamedTuple):
    """A cooking ticket, and what its end needs of its order. As FINISHABLE_FIELDS."""

    ticket_id: int
    order_id: UUID
    open_tickets: int
    number: int
    address: str
    note: str
    correlation_id: str


def due_at(station: Station, preparation_seconds: int, *, now: datetime) -> datetime | None:
    """Tell when the timer finishes a ticket started now; None when staff do."""
    if station.mode == Station.Mode.MANUAL:
        return None
    return now + timedelta(seconds=preparation_seconds / settings.SIMULATION_SPEED)


def start(tickets: Sequence[Startable], turn: Turn) -> None:
    """Start tickets, and say so of each order whose first ones these are."""
    now = turn.now
    cooking = Ticket.Status.COOKING.value
    bulk.update(
        Ticket,
        "id",
        ("status", "started_at", "due_at", "moved_by", "moved_at"),
        [
            (
                t.ticket_id,
                cooking,
                now,
                due_at(t.station, t.preparation_seconds, now=now),
                turn.by,
                now,
            )
            for t in tickets
        ],
        using="kitchen",
    )
    queued = [t for t in tickets if t.order_status == KitchenOrder.Status.QUEUED]
    first = {t.order_id: t for t in reversed(queued)}
    bulk.update(
        KitchenOrder,
        "order_id",
        ("status", "updated_at"),
        [(order_id, KitchenOrder.Status.COOKING.value, now) for order_id in first],
        using="kitchen",
    )
    turn.say(
        (events.cooking(t.order_id, station=t.station.code, at=now), t.correlation_id)
        for t in first.values()
    )
    turn.touch(orders=(t.order_id for t in tickets))
    turn.move("ticket", Ticket.Status.QUEUED, Ticket.Status.COOKING, len(tickets))


def finish(tickets: Sequence[Finishable], turn: Turn) -> None:
    """Finish tickets, and say so of each order that has none left to cook."""
    now = turn.now
    bulk.update(
        Ticket,
        "id",
        ("status", "due_at", "done_at", "moved_by", "moved_at"),
        [(t.ticket_id, Ticket.Status.DONE.value, None, now, turn.by, now) for t in tickets],
        using="kitchen",
    )
    done = Counter(t.order_id for t in tickets)
    orders = {t.order_id: t for t in tickets}
    cooked = {id_ for id_, order in orders.items() if order.open_tickets == done[id_]}
    bulk.update(
        KitchenOrder,
        "order_id",
        ("status", "open_tickets", "updated_at"),
        [
            (
                id_,
                (
                    KitchenOrder.Status.COOKED if id_ in cooked else KitchenOrder.Status.COOKING
                ).value,
                order.open_tickets - done[id_],
                now,
            )
            for id_, order in orders.items()
        ],
        using="kitchen",
    )
    turn.say(_cooked(orders[id_], now) for id_ in orders if id_ in cooked)
    turn.touch(orders=orders)
    turn.move("ticket", Ticket.Status.COOKING, Ticket.Status.DONE, len(tickets))


def _cooked(ticket: Finishable, now: datetime) -> tuple[Message, str]:
    message = events.cooked(
        ticket.order_id, number=ticket.number, address=ticket.address, note=ticket.note, at=now
    )
    return message, ticket.correlation_id
