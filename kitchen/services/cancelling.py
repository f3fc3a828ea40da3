"""Cancelling: the kitchen agrees as long as the order is not cooked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from google.protobuf.message import Message

from kitchen import events
from kitchen.models import KitchenOrder, Ticket
from kitchen.services.intake import ORDER_COLUMNS
from kitchen.services.turns import Turn, join_turn
from restaurant import bulk

ALREADY_COOKED = "already cooked"


class CancelRequest(NamedTuple):
    """A wish to cancel an order, and why; the reason may be empty."""

    order_id: UUID
    reason: str
    correlation_id: str


def decide_cancellations(*, requests: Sequence[CancelRequest], now: datetime) -> None:
    """Cancel what is not cooked, refuse what is; needs a transaction.

    An order not heard of yet gets a tombstone, and is answered when it arrives. One that is
    cancelled or rejected already has had its last event, so it is not answered again.
    """
    # Sorted as everybody who locks several orders does; the first request for an order stands.
    wanted = dict(sorted({request.order_id: request for request in reversed(requests)}.items()))
    turn = join_turn(now=now)
    buried = _bury(wanted.values(), now)
    if len(buried) == len(wanted):
        return
    orders = _lock(wanted.keys() - buried)
    unfinished = [o.order_id for o in orders if o.status in KitchenOrder.UNFINISHED]
    cancel_orders([wanted[id_] for id_ in unfinished], turn)
    cooked = [o.order_id for o in orders if o.status == KitchenOrder.Status.COOKED]
    turn.say(_refuse(wanted[id_], now) for id_ in cooked)
    turn.write()


def cancel_orders(requests: Sequence[CancelRequest], turn: Turn) -> None:
    """Cancel unfinished orders, which the caller has locked, with their open tickets."""
    if not requests:
        return
    now = turn.now
    bulk.update(
        KitchenOrder,
        "order_id",
        ("status", "open_tickets", "reason", "updated_at"),
        [(r.order_id, KitchenOrder.Status.CANCELLED.value, 0, r.reason, now) for r in requests],
        using="kitchen",
    )
    cancelled = Ticket.objects.filter(
        order_id__in=[r.order_id for r in requests],
        status__in=[Ticket.Status.QUEUED, Ticket.Status.COOKING],
    ).update(
        status=Ticket.Status.CANCELLED,
        due_at=None,
        cancelled_at=now,
        moved_by=turn.by,
        moved_at=now,
    )
    # From queued or cooking: to tell which would cost another query.
    turn.move("ticket", "open", Ticket.Status.CANCELLED, cancelled)
    turn.say(
        (events.cancelled(r.order_id, reason=r.reason, at=now), r.correlation_id) for r in requests
    )
    turn.touch(orders=(r.order_id for r in requests))


def _bury(requests: Iterable[CancelRequest], now: datetime) -> set[UUID]:
    """Leave tombstones of orders not known; gives their ids.

    The insert comes before the look: an order that another worker is just taking in makes it
    wait, and is found afterwards.
    """
    status = KitchenOrder.Status.CANCELLED.value
    rows = [
        (r.order_id, None, status, 0, "", "", r.reason, r.correlation_id, now, now)
        for r in requests
    ]
    inserted = bulk.insert(
        KitchenOrder,
        ORDER_COLUMNS,
        rows,
        using="kitchen",
        ignore_conflicts=True,
        returning=("order_id",),
    )
    return {id_ for (id_,) in inserted}


def _refuse(request: CancelRequest, now: datetime) -> tuple[Message, str]:
    message = events.cancel_rejected(
        request.order_id, reason=ALREADY_COOKED, code=events.Code.ALREADY_COOKED, at=now
    )
    return message, request.correlation_id


def _lock(order_ids: Iterable[UUID]) -> list[KitchenOrder]:
    return list(
        KitchenOrder.objects.select_for_update(no_key=True)
        .filter(order_id__in=list(order_ids))
        .order_by("order_id")
    )
