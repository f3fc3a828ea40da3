"""Cooked orders come in."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from delivery.models import Delivery
from delivery.services.turns import announce
from restaurant import bulk

COLUMNS = (
    "order_id",
    "number",
    "address",
    "note",
    "correlation_id",
    "status",
    "attempt",
    "failure_reason",
    "waiting_since",
    "created_at",
    "updated_at",
)


class NewDelivery(NamedTuple):
    """A cooked order, and where it goes."""

    order_id: UUID
    number: int
    address: str
    note: str
    correlation_id: str


def plan_deliveries(*, deliveries: Sequence[NewDelivery], now: datetime) -> None:
    """Queue deliveries for a courier, in the order given; needs a transaction.

    An order that has one already is left alone.
    """
    waiting = Delivery.Status.AWAITING_COURIER.value
    rows = [(*delivery, waiting, 1, "", now, now, now) for delivery in deliveries]
    planned = bulk.insert(
        Delivery,
        COLUMNS,
        rows,
        using="delivery",
        ignore_conflicts=True,
        returning=("order_id",),
    )
    announce(orders=(order_id for (order_id,) in planned), now=now)
