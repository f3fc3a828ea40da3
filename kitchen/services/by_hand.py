"""What staff do by hand. Each either happens whole or raises and changes nothing.

`by` names who does it, for colleagues who come second.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kitchen.errors import (
    AlreadyAcknowledged,
    IllegalTransition,
    StationFull,
    UnknownOrder,
    UnknownTicket,
)
from kitchen.models import KitchenOrder, Station, Ticket
from kitchen.services.cancelling import CancelRequest, cancel_orders
from kitchen.services.moves import Finishable, Startable, due_at, finish, start
from kitchen.services.stations import room_at
from kitchen.services.turns import take_turn
from restaurant import trail


def start_ticket(*, ticket_id: int, now: datetime, by: str = "") -> None:
    """Start a queued ticket ahead of its turn.

    Raises `UnknownTicket`, `IllegalTransition` unless it is queued, and `StationFull`.
    """
    with take_turn(now=now, by=by) as turn:
        station = Station.objects.select_for_update(no_key=True).filter(tickets=ticket_id).first()
        ticket = _lock(ticket_id)
        if ticket.status != Ticket.Status.QUEUED or station is None:
            raise IllegalTransition(_told(ticket))
        if room_at([station])[station.pk] < 1:
            raise StationFull(station.code)
        order = ticket.order
        startable = Startable(
            station,
            ticket.pk,
            ticket.preparation_seconds,
            order.order_id,
            order.status,
            order.correlation_id,
        )
        start([startable], turn)


def bump(*, ticket_id: int, now: datetime, by: str = "") -> None:
    """Mark a cooking ticket as done; with the last one, its order is cooked.

    Raises `UnknownTicket`, and `IllegalTransition` unless it is cooking.
    """
    with take_turn(now=now, by=by) as turn:
        ticket = _lock(ticket_id)
        ticket.check_move(Ticket.Status.DONE)
        order = ticket.order
        assert order.number is not None  # noqa: S101 - only a tombstone has none, and no tickets
        finishable = Finishable(
            ticket.pk,
            order.order_id,
            order.open_tickets,
            order.number,
            order.address,
            order.note,
            order.correlation_id,
        )
        finish([finishable], turn)


def recall(*, ticket_id: int, now: datetime, by: str = "") -> None:
    """Undo a bump: the ticket cooks again, at an automatic station for its whole time.

    It takes no heed of the station's capacity: the dish stands there already. Raises
    `UnknownTicket`, and `IllegalTransition` unless the ticket is done and its order still cooks.
    """
    with take_turn(now=now, by=by) as turn:
        ticket = _lock(ticket_id)
        order = ticket.order
        if ticket.status != Ticket.Status.DONE or order.status != KitchenOrder.Status.COOKING:
            told = {"ticket": ticket.get_status_display(), "order": order.get_status_display()}
            raise IllegalTransition(_("it is %(ticket)s, and its order is %(order)s") % told)
        ticket.first_done_at = ticket.first_done_at or ticket.done_at
        ticket.status, ticket.done_at = Ticket.Status.COOKING, None
        ticket.due_at = due_at(ticket.station, ticket.preparation_seconds, now=now)
        ticket.moved_by, ticket.moved_at = by, now
        ticket.save(
            update_fields=["status", "done_at", "first_done_at", "due_at", "moved_by", "moved_at"]
        )
        order.open_tickets, order.updated_at = order.open_tickets + 1, now
        order.save(update_fields=["open_tickets", "updated_at"])
        turn.touch(orders=[order.order_id])
        turn.move("ticket", Ticket.Status.DONE, Ticket.Status.COOKING, 1)


def acknowledge(*, ticket_id: int, now: datetime, by: str = "") -> None:
    """Take note that a ticket was cancelled: it leaves the board.

    Raises `UnknownTicket`, `IllegalTransition` unless it is cancelled, and `AlreadyAcknowledged`
    when somebody did before.
    """
    with take_turn(now=now, by=by) as turn:
        ticket = _lock(ticket_id)
        if ticket.status != Ticket.Status.CANCELLED:
            raise IllegalTransition(_told(ticket))
        if ticket.acknowledged_at:
            raise AlreadyAcknowledged(_told(ticket))
        ticket.acknowledged_at, ticket.moved_by, ticket.moved_at = now, by, now
        ticket.save(update_fields=["acknowledged_at", "moved_by", "moved_at"])
        turn.touch(orders=[ticket.order_id])


def cancel_order(*, order_id: UUID, reason: str, now: datetime, by: str = "") -> None:
    """Cancel an order that is not cooked yet, as when an ingredient has run out.

    Raises `UnknownOrder`, and `IllegalTransition` when it is cooked or has ended.
    """
    with take_turn(now=now, by=by) as turn:
        order = KitchenOrder.objects.select_for_update(no_key=True).filter(pk=order_id).first()
        if order is None:
            raise UnknownOrder(str(order_id))
        trail.changing(order)
        if order.status not in KitchenOrder.UNFINISHED:
            raise IllegalTransition(_told(order))
        cancel_orders([CancelRequest(order_id, reason, order.correlation_id)], turn)


def _told(row: Ticket | KitchenOrder) -> str:
    return _("it is %(status)s") % {"status": row.get_status_display()}


def _lock(ticket_id: int) -> Ticket:
    """Lock a ticket's order, and give the ticket as it is under that lock."""
    order = KitchenOrder.objects.select_for_update(no_key=True).filter(tickets=ticket_id).first()
    if order is None:
        raise UnknownTicket(str(ticket_id))
    ticket = Ticket.objects.select_related("station").get(pk=ticket_id)
    ticket.order = order
    trail.changing(ticket)
    return ticket
