"""What staff and couriers do by hand. Each either happens whole or raises and changes nothing.

All raise `UnknownDelivery`, and `IllegalTransition` when the delivery's state does not allow it.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from delivery.errors import CourierUnavailable, IllegalTransition, UnknownDelivery
from delivery.models import Delivery
from delivery.services import moves
from delivery.services.dispatch import loads_of, room_of
from delivery.services.moves import Step
from delivery.services.shifts import lock_courier


def assign(*, delivery_id: int, courier_id: UUID, now: datetime) -> None:
    """Give a delivery that is not on the road to a courier, or to another one.

    Raises also `UnknownCourier`, and `CourierUnavailable` when they are off shift or full.
    """
    with transaction.atomic(using="delivery"):
        courier = lock_courier(courier_id)
        delivery = _lock(delivery_id, to=Delivery.Status.ASSIGNED)
        if delivery.courier_id == courier_id:
            raise IllegalTransition("the courier has it already")
        if not courier.on_shift:
            raise CourierUnavailable(f"{courier} is not on shift")
        if room_of(courier, loads_of([courier])) < 1:
            raise CourierUnavailable(f"{courier} carries as much as they may")
        moves.assign([(delivery.pk, courier)], now=now)


def pick_up(*, delivery_id: int, now: datetime) -> None:
    """Note that the courier has left with an assigned delivery."""
    with transaction.atomic(using="delivery"):
        moves.pick_up([_step(delivery_id, to=Delivery.Status.OUT_FOR_DELIVERY)], now=now)


def deliver(*, delivery_id: int, now: datetime) -> None:
    """Note that the customer has the order."""
    with transaction.atomic(using="delivery"):
        moves.deliver([_step(delivery_id, to=Delivery.Status.DELIVERED)], now=now)


def fail(*, delivery_id: int, reason: str, now: datetime) -> None:
    """Note that an attempt failed: the first is tried again, the second ends the delivery."""
    with transaction.atomic(using="delivery"):
        moves.fail([_step(delivery_id, to=Delivery.Status.FAILED)], reason=reason, now=now)


def cancel(*, delivery_id: int, reason: str, now: datetime) -> None:
    """Give a delivery up, wherever it is; its order ends as not delivered."""
    with transaction.atomic(using="delivery"):
        delivery = _lock(delivery_id, to=Delivery.Status.CANCELLED)
        moves.cancel(delivery, reason=reason, now=now)


def _step(delivery_id: int, *, to: Delivery.Status) -> Step:
    delivery = _lock(delivery_id, to=to)
    assert delivery.courier is not None  # noqa: S101 - a constraint of the table
    return Step(
        delivery.courier,
        delivery.pk,
        delivery.order_id,
        delivery.attempt,
        delivery.correlation_id,
    )


def _lock(delivery_id: int, *, to: Delivery.Status) -> Delivery:
    """Lock a delivery that may become `to`."""
    delivery = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery_id).first()
    if delivery is None:
        raise UnknownDelivery(str(delivery_id))
    delivery.check_move(to)
    return delivery
