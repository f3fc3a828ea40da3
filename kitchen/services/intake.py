"""Taking orders in: tickets for each station, or a refusal."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.message import Message

from kitchen import events
from kitchen.models import KitchenOrder, Station, Ticket
from kitchen.services.stations import find_or_make_stations
from kitchen.services.turns import join_turn
from restaurant import bulk

Stations = Mapping[str, Station]
ORDER_COLUMNS = (
    "order_id",
    "number",
    "status",
    "open_tickets",
    "address",
    "note",
    "reason",
    "correlation_id",
    "created_at",
    "updated_at",
)
TICKET_COLUMNS = (
    "order_id",
    "station_id",
    "status",
    "lines",
    "preparation_seconds",
    "queued_at",
)


class NewTicket(NamedTuple):
    """What one station (its code) has to cook of an order."""

    station: str
    # As `Ticket.lines`.
    lines: list[dict[str, Any]]
    preparation_seconds: int


class NewOrder(NamedTuple):
    """An order that the kitchen is asked to cook."""

    order_id: UUID
    number: int
    address: str
    note: str
    correlation_id: str
    tickets: list[NewTicket]


def take_orders(*, orders: Sequence[NewOrder], now: datetime) -> None:
    """Accept orders and queue their tickets; needs a transaction.

    An order that needs a closed station is rejected, one whose cancel came first is cancelled, and
    one that is known already is left alone. A station not seen before is made: automatic, open,
    without limit.
    """
    # By id: workers that insert the same orders wait for one another, and never in a circle.
    wanted = dict(sorted({order.order_id: order for order in reversed(orders)}.items()))
    stations = find_or_make_stations({t.station for o in wanted.values() for t in o.tickets})
    closed = {id_: _closed(order, stations) for id_, order in wanted.items()}
    new = _insert(wanted.values(), closed, now)
    _queue_tickets((o for o in new if not closed[o.order_id]), stations, now)
    turn = join_turn(now=now)
    turn.say(_answer(order, closed[order.order_id], now) for order in new)
    if len(new) < len(wanted):
        new_ids = {order.order_id for order in new}
        turn.say(_close_tombstones([o for o in wanted.values() if o.order_id not in new_ids], now))
    turn.touch(orders=(order.order_id for order in new))
    turn.write()


def _closed(order: NewOrder, stations: Stations) -> list[Station]:
    """Give the closed stations that the order needs: with any, it is rejected."""
    needed = [stations[ticket.station] for ticket in order.tickets]
    return [station for station in needed if not station.is_open]


def _refusal(closed: Sequence[Station]) -> str:
    """Say why an order cannot be cooked; empty when it can."""
    return f"closed: {', '.join(station.name for station in closed)}" if closed else ""


def _insert(
    orders: Iterable[NewOrder], closed: Mapping[UUID, Sequence[Station]], now: datetime
) -> list[NewOrder]:
    """Insert what is not known yet, and give that."""
    orders = list(orders)
    rows = []
    for order in orders:
        reason = _refusal(closed[order.order_id])
        status = KitchenOrder.Status.REJECTED if reason else KitchenOrder.Status.QUEUED
        rows.append(
            (
                order.order_id,
                order.number,
                status.value,
                0 if reason else len(order.tickets),
                order.address,
                order.note,
                reason,
                order.correlation_id,
                now,
                now,
            )
        )
    inserted = bulk.insert(
        KitchenOrder,
        ORDER_COLUMNS,
        rows,
        using="kitchen",
        ignore_conflicts=True,
        returning=("order_id",),
    )
    new = {id_ for (id_,) in inserted}
    return [order for order in orders if order.order_id in new]


def _queue_tickets(orders: Iterable[NewOrder], stations: Stations, now: datetime) -> None:
    rows = [
        (
            order.order_id,
            stations[ticket.station].pk,
            Ticket.Status.QUEUED.value,
            ticket.lines,
            ticket.preparation_seconds,
            now,
        )
        for order in orders
        for ticket in order.tickets
    ]
    bulk.insert(Ticket, TICKET_COLUMNS, rows, using="kitchen")


def _answer(order: NewOrder, closed: Sequence[Station], now: datetime) -> tuple[Message, str]:
    if not closed:
        codes = [ticket.station for ticket in order.tickets]
        return events.accepted(order.order_id, stations=codes, at=now), order.correlation_id
    message = events.rejected(
        order.order_id,
        reason=_refusal(closed),
        code=events.Code.STATION_CLOSED,
        stations=[station.code for station in closed],
        at=now,
    )
    return message, order.correlation_id


def _close_tombstones(known: Iterable[NewOrder], now: datetime) -> list[tuple[Message, str]]:
    """Write what the orders say on their tombstones, and give the cancels to publish."""
    by_id = {order.order_id: order for order in known}
    tombstones = (
        KitchenOrder.objects.select_for_update(no_key=True)
        .filter(order_id__in=list(by_id), number=None)
        .order_by("order_id")
    )
    reasons = {row.order_id: row.reason for row in tombstones}
    bulk.update(
        KitchenOrder,
        "order_id",
        ("number", "address", "note", "correlation_id", "updated_at"),
        [
            (o.order_id, o.number, o.address, o.note, o.correlation_id, now)
            for o in map(by_id.__getitem__, reasons)
        ],
        using="kitchen",
    )
    return [
        (events.cancelled(id_, reason=reason, at=now), by_id[id_].correlation_id)
        for id_, reason in reasons.items()
    ]
