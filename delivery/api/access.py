"""Whose deliveries somebody sees and moves: staff by permission all, couriers their own."""

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from delivery.models import Courier, Delivery
from restaurant.problems import Problem

VIEW, CHANGE = "delivery.view_delivery", "delivery.change_delivery"
# The role of couriers has it; which deliveries are theirs, `Courier.user_id` tells.
CARRY = "delivery.carry_delivery"


class _OneOf(IsAuthenticated):
    permissions: tuple[str, ...] = ()

    def has_permission(self, request: Request, view: Any) -> bool:
        may = super().has_permission(request, view)
        return may and any(map(request.user.has_perm, self.permissions))


class MayLook(_OneOf):
    """Lets in who sees all deliveries, and couriers."""

    permissions = (VIEW, CARRY)


class MayMove(_OneOf):
    """Lets in who moves any delivery, and couriers."""

    permissions = (CHANGE, CARRY)


class MayCarry(_OneOf):
    """Lets in couriers."""

    permissions = (CARRY,)


def own_courier(request: Request) -> Courier:
    """Give the courier who asks. Raises `Problem`, 403, when no courier has this account."""
    courier = Courier.objects.filter(user_id=request.user.pk).first()
    if courier is None:
        raise Problem(code="not_a_courier")
    return courier


def carried_by(courier: Courier) -> QuerySet[Delivery]:
    """Give what a courier carries, and has carried to its end."""
    return Delivery.objects.filter(courier=courier)


def known_to(courier: Courier) -> QuerySet[Delivery]:
    """Give also what they failed to bring, whoever tries again.

    Who repeats a press is told what became of it. No index serves a list of these.
    """
    return Delivery.objects.filter(Q(courier=courier) | Q(failed_courier=courier))
