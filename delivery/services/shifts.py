"""Couriers come and go."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from delivery.errors import UnknownCourier
from delivery.models import Courier, Delivery


def start_shift(*, courier_id: UUID) -> None:
    """Have a courier take deliveries from now on. Raises `UnknownCourier`."""
    if not Courier.objects.filter(pk=courier_id).update(on_shift=True):
        raise UnknownCourier(str(courier_id))


def end_shift(*, courier_id: UUID, now: datetime) -> int:
    """Have a courier take no more deliveries.

    Those not picked up yet wait for somebody else; gives how many. Those on the road are brought
    to their end. Raises `UnknownCourier`.
    """
    with transaction.atomic(using="delivery"):
        courier = lock_courier(courier_id)
        courier.on_shift = False
        courier.save(update_fields=["on_shift"])
        held = Delivery.objects.filter(courier=courier, status=Delivery.Status.ASSIGNED)
        keys = list(held.order_by("id").select_for_update(no_key=True).values_list("id", flat=True))
        return Delivery.objects.filter(pk__in=keys).update(
            status=Delivery.Status.AWAITING_COURIER,
            courier=None,
            assigned_at=None,
            due_at=None,
            waiting_since=now,
            updated_at=now,
        )


def lock_courier(courier_id: UUID) -> Courier:
    """Lock a courier, and so what they carry. Raises `UnknownCourier`."""
    courier = Courier.objects.select_for_update(no_key=True).filter(pk=courier_id).first()
    if courier is None:
        raise UnknownCourier(str(courier_id))
    return courier
