"""Orders that the kitchen had, and does not know since its database was set back."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Coalesce

from kitchen.models import KitchenOrder, Ticket
from kitchen.services.intake import NewOrder
from kitchen.services.stations import find_or_make_stations

Status = KitchenOrder.Status
_RANK = {Status.QUEUED: 0, Status.COOKING: 1}
_ENDED = 2


class Restored(NamedTuple):
    """An order, and how far the kitchen had come with it, as others were told."""

    order: NewOrder
    status: KitchenOrder.Status
    # Why it was cancelled or rejected.
    reason: str
    # When the kitchen first and last spoke of it, UTC.
    since: datetime
    at: datetime


def restore_orders(*, orders: Sequence[Restored], now: datetime) -> int:
    """Bring orders to where they were, and say nothing of it; gives how many were behind.

    Needs a transaction. What was cooking cooks anew, since nobody was told of single tickets.
    """
    return sum(_restore(each, now) for each in orders)


def _restore(restored: Restored, now: datetime) -> bool:
    wanted, status = restored.order, restored.status
    order, new = KitchenOrder.objects.get_or_create(
        order_id=wanted.order_id,
        defaults={
            "number": wanted.number,
            "address": wanted.address,
            "note": wanted.note,
            "correlation_id": wanted.correlation_id,
            "created_at": restored.since,
            "updated_at": restored.since,
        },
    )
    if new and status != Status.REJECTED:
        order.open_tickets = _queue(wanted, restored.since)
    elif not new and _rank(status) <= _rank(order.status):
        return False
    if _rank(status) == _ENDED:
        order.open_tickets = 0
        _close_tickets(order, status, restored.at, now)
    order.status, order.reason, order.updated_at = status, restored.reason, restored.at
    order.save()
    return True


def _queue(order: NewOrder, queued_at: datetime) -> int:
    stations = find_or_make_stations({ticket.station for ticket in order.tickets})
    made = Ticket.objects.bulk_create(
        Ticket(
            order_id=order.order_id,
            station=stations[ticket.station],
            lines=ticket.lines,
            preparation_seconds=ticket.preparation_seconds,
            queued_at=queued_at,
        )
        for ticket in order.tickets
    )
    return len(made)


def _close_tickets(order: KitchenOrder, status: str, at: datetime, now: datetime) -> None:
    unfinished = order.tickets.filter(status__in=[Ticket.Status.QUEUED, Ticket.Status.COOKING])
    if status == Status.COOKED:
        unfinished.update(
            status=Ticket.Status.DONE,
            started_at=Coalesce(F("started_at"), at),
            due_at=None,
            done_at=at,
            moved_at=now,
        )
    else:
        unfinished.update(
            status=Ticket.Status.CANCELLED,
            due_at=None,
            cancelled_at=at,
            acknowledged_at=now,
            moved_at=now,
        )


def _rank(status: str) -> int:
    return _RANK.get(Status(status), _ENDED)
