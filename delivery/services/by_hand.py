"""What staff and couriers do by hand. Each either happens whole or raises and changes nothing.

All raise `UnknownDelivery`, and `IllegalTransition` when the delivery's state does not allow it.
`by` names who does it, for colleagues who come second. `seen_courier_id` is the courier whom
their picture showed, None for one that waits; when it is another now, `Overtaken` is raised.
Without it nothing is compared.
"""

from datetime import datetime
from types import EllipsisType
from uuid import UUID

from django.utils.translation import gettext as _

from delivery.errors import CourierUnavailable, IllegalTransition, Overtaken, UnknownDelivery
from delivery.models import Delivery
from delivery.services import moves
from delivery.services.dispatch import loads_of, room_of
from delivery.services.moves import Step
from delivery.services.shifts import lock_courier
from delivery.services.turns import take_turn
from restaurant import trail

Status = Delivery.Status
Seen = UUID | EllipsisType | None


def assign(
    *, delivery_id: int, courier_id: UUID, now: datetime, by: str = "", seen_courier_id: Seen = ...
) -> None:
    """Give a delivery that is not on the road to a courier, or to another one.

    Raises also `UnknownCourier`, and `CourierUnavailable` when they are off shift or full.
    """
    with take_turn(now=now, by=by) as turn:
        courier = lock_courier(courier_id)
        delivery = _lock(delivery_id, to=Status.ASSIGNED, seen=seen_courier_id)
        if delivery.courier_id == courier_id:
            raise IllegalTransition(_("the courier has it already"))
        if not courier.on_shift:
            raise CourierUnavailable(_("%(courier)s is not on shift") % {"courier": courier})
        if room_of(courier, loads_of([courier])) < 1:
            told = {"courier": courier}
            raise CourierUnavailable(_("%(courier)s carries as much as they may") % told)
        moves.assign([(delivery.pk, courier)], turn)


def unassign(*, delivery_id: int, now: datetime, by: str, seen_courier_id: Seen = ...) -> None:
    """Take a delivery back that is not picked up yet: it waits, and `by` holds it from the timer.

    Staff may assign it by hand, or `release` it.
    """
    with take_turn(now=now, by=by) as turn:
        delivery = _lock(delivery_id, to=Status.AWAITING_COURIER, seen=seen_courier_id)
        if delivery.status != Status.ASSIGNED:
            told = {"status": delivery.get_status_display()}
            raise IllegalTransition(_("it is %(status)s") % told)
        moves.free([delivery.pk], turn, held_by=by)


def release(*, delivery_id: int, now: datetime, by: str = "") -> None:
    """Give a held delivery back to the timer."""
    with take_turn(now=now, by=by) as turn:
        delivery = _find(delivery_id)
        if not delivery.is_held:
            raise IllegalTransition(_("nobody holds it"))
        moves.release([delivery.pk], turn)


def pick_up(*, delivery_id: int, now: datetime, by: str = "", seen_courier_id: Seen = ...) -> None:
    """Note that the courier has left with an assigned delivery."""
    with take_turn(now=now, by=by) as turn:
        moves.pick_up([_step(delivery_id, to=Status.OUT_FOR_DELIVERY, seen=seen_courier_id)], turn)


def deliver(*, delivery_id: int, now: datetime, by: str = "", seen_courier_id: Seen = ...) -> None:
    """Note that the customer has the order."""
    with take_turn(now=now, by=by) as turn:
        moves.deliver([_step(delivery_id, to=Status.DELIVERED, seen=seen_courier_id)], turn)


def fail(
    *,
    delivery_id: int,
    reason: str,
    now: datetime,
    by: str = "",
    seen_courier_id: Seen = ...,
) -> None:
    """Note that an attempt failed: the first is tried again, the second ends the delivery."""
    with take_turn(now=now, by=by) as turn:
        step = _step(delivery_id, to=Status.FAILED, seen=seen_courier_id)
        moves.fail([step], turn, reason=reason)


def cancel(
    *,
    delivery_id: int,
    reason: str,
    now: datetime,
    by: str = "",
    seen_courier_id: Seen = ...,
    seen_status: Delivery.Status | None = None,
) -> None:
    """Give a delivery up, wherever it is; its order ends as not delivered.

    Where it was seen is compared too: a courier may have left with it since.
    """
    with take_turn(now=now, by=by) as turn:
        delivery = _lock(delivery_id, to=Status.CANCELLED, seen=seen_courier_id)
        if seen_status and delivery.status != seen_status:
            raise Overtaken
        moves.cancel(delivery, turn, reason=reason)


def _step(delivery_id: int, *, to: Delivery.Status, seen: Seen) -> Step:
    delivery = _lock(delivery_id, to=to, seen=seen)
    assert delivery.courier is not None  # noqa: S101 - a constraint of the table
    return Step(
        delivery.courier,
        delivery.pk,
        delivery.order_id,
        delivery.attempt,
        delivery.correlation_id,
    )


def _lock(delivery_id: int, *, to: Delivery.Status, seen: Seen) -> Delivery:
    """Lock a delivery that may become `to`, and that whoever was seen with it still has."""
    delivery = _find(delivery_id)
    if seen is not ... and delivery.courier_id != seen:
        raise Overtaken
    delivery.check_move(to)
    return delivery


def _find(delivery_id: int) -> Delivery:
    delivery = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery_id).first()
    if delivery is None:
        raise UnknownDelivery(str(delivery_id))
    trail.changing(delivery)
    return delivery
