"""Deliveries that were under way or over, and are not known since the database was set back."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from delivery.models import Courier, Delivery
from delivery.services.intake import NewDelivery

Status = Delivery.Status


class Restored(NamedTuple):
    """A delivery, and how far it had come, as others were told. Times are UTC."""

    order: NewDelivery
    status: Delivery.Status
    # Who took it last; None for one that was given up before anybody did.
    courier: Courier | None
    attempt: int
    reason: str
    # When the order was cooked, when it was last taken, and when all this was said.
    since: datetime
    dispatched_at: datetime | None
    eta: datetime | None
    at: datetime


def find_or_make_courier(name: str) -> Courier:
    """Give the courier of this name; one who is not known any more is made, off shift."""
    found = Courier.objects.filter(name=name).order_by("-on_shift", "id").first()
    return found or Courier.objects.create(name=name, mode=Courier.Mode.MANUAL)


def restore_deliveries(*, deliveries: Sequence[Restored], now: datetime) -> int:
    """Bring deliveries to where they were, and say nothing of it; gives how many were behind.

    Needs a transaction.
    """
    return sum(_restore(each, now) for each in deliveries)


def _restore(restored: Restored, now: datetime) -> bool:
    wanted, courier = restored.order, restored.courier
    delivery = Delivery.objects.filter(order_id=wanted.order_id).first()
    if delivery and _is_as_far(delivery, restored):
        return False
    if delivery is None:
        delivery = Delivery(**wanted._asdict(), created_at=restored.since)
    delivery.status, delivery.courier = restored.status, courier
    delivery.attempt = restored.attempt
    delivery.waiting_since, delivery.held_by, delivery.due_at = None, "", None
    delivery.dispatched_at = restored.dispatched_at
    delivery.assigned_at = delivery.assigned_at or restored.dispatched_at
    if restored.status == Status.DELIVERED:
        delivery.delivered_at = restored.at
    elif restored.status in Delivery.GIVEN_UP:
        delivery.failed_at, delivery.failure_reason = restored.at, restored.reason
    elif courier and courier.mode == Courier.Mode.AUTOMATIC:
        delivery.due_at = restored.eta or now
    delivery.moved_at, delivery.updated_at = now, restored.at
    delivery.save()
    return True


def _is_as_far(delivery: Delivery, restored: Restored) -> bool:
    on_the_road = (Status.OUT_FOR_DELIVERY, restored.attempt)
    return (
        delivery.status in (Status.DELIVERED, *Delivery.GIVEN_UP)
        or (delivery.status, delivery.attempt) == on_the_road == (restored.status, restored.attempt)
        or (restored.status == Status.OUT_FOR_DELIVERY and delivery.attempt > restored.attempt)
    )
