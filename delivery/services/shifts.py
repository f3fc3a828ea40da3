"""Couriers come and go. `by` names who says so, for colleagues who come second."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from delivery.errors import ShiftUnchanged, UnknownCourier
from delivery.models import Courier, Delivery
from delivery.services import moves
from delivery.services.dispatch import loads_of, room_of
from delivery.services.turns import Turn, take_turn
from restaurant import trail

Status = Delivery.Status


def start_shift(*, courier_id: UUID, now: datetime, by: str = "") -> None:
    """Have a courier take deliveries from now on. Raises `UnknownCourier`, `ShiftUnchanged`."""
    with take_turn(now=now, by=by) as turn:
        _change_shift(lock_courier(courier_id), turn, on_shift=True)


def end_shift(*, courier_id: UUID, now: datetime, by: str = "") -> list[int]:
    """Have a courier take no more deliveries.

    Those not picked up yet wait for somebody else; gives their keys. Those on the road are brought
    to their end. Raises `UnknownCourier`, `ShiftUnchanged`.
    """
    with take_turn(now=now, by=by) as turn:
        courier = lock_courier(courier_id)
        _change_shift(courier, turn, on_shift=False)
        assigned = Delivery.objects.filter(courier=courier, status=Status.ASSIGNED)
        freed = [delivery.pk for delivery in _lock_all(assigned)]
        moves.free(freed, turn)
        return freed


def undo_end_shift(*, courier_id: UUID, freed: Collection[int], now: datetime, by: str = "") -> int:
    """Start a shift again, and give the courier back what its end freed, by key.

    What a person has moved since, or somebody has picked up, stays as it is; gives how many came
    back. Raises `UnknownCourier`, `ShiftUnchanged`.
    """
    with take_turn(now=now, by=by) as turn:
        courier = lock_courier(courier_id)
        ended_at = courier.shift_changed_at
        _change_shift(courier, turn, on_shift=True)
        if ended_at is None:
            return 0
        untouched = Q(status=Status.AWAITING_COURIER, moved_at=ended_at)
        by_timer = Q(status=Status.ASSIGNED, moved_by="", assigned_at__gte=ended_at)
        back = _lock_all(Delivery.objects.filter(untouched | by_timer, pk__in=freed))
        back = back[: max(room_of(courier, loads_of([courier])), 0)]
        moves.assign([(delivery.pk, courier) for delivery in back], turn)
        return len(back)


def save_courier(courier: Courier, *, changed: Collection[str] | None, now: datetime) -> None:
    """Save a new courier, or of one who is there only what was changed: shifts go on meanwhile.

    With their mode, the timer takes over what they carry, or leaves it to people.
    """
    with take_turn(now=now) as turn:
        courier.save(update_fields=changed)
        turn.touch(couriers=[courier.pk])
        if changed and "mode" in changed:
            # Who moves one of these meanwhile reads the mode under its lock, and so as it is now.
            carried = Delivery.objects.filter(courier=courier, status__in=Delivery.CARRIED)
            moves.retime(_lock_all(carried), courier, turn)


def lock_courier(courier_id: UUID) -> Courier:
    """Lock a courier, and so what they carry. Raises `UnknownCourier`."""
    courier = Courier.objects.select_for_update(no_key=True).filter(pk=courier_id).first()
    if courier is None:
        raise UnknownCourier(str(courier_id))
    trail.changing(courier)
    return courier


def _change_shift(courier: Courier, turn: Turn, *, on_shift: bool) -> None:
    if courier.on_shift == on_shift:
        raise ShiftUnchanged(str(courier))
    courier.on_shift = on_shift
    courier.shift_changed_by, courier.shift_changed_at = turn.by, turn.now
    courier.save(update_fields=["on_shift", "shift_changed_by", "shift_changed_at"])
    turn.touch(couriers=[courier.pk])


def _lock_all(deliveries: QuerySet[Delivery]) -> list[Delivery]:
    """Lock deliveries, the oldest first, and give them."""
    locked = list(deliveries.order_by("id").select_for_update(no_key=True))
    trail.changing(*locked)
    return locked
