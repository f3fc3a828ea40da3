"""Deliveries and couriers over HTTP: for dispatch, and for couriers' own devices."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from delivery import services
from delivery.api import refused
from delivery.api.access import (
    CHANGE,
    VIEW,
    MayCarry,
    MayLook,
    MayMove,
    carried_by,
    known_to,
    own_courier,
)
from delivery.api.filters import CourierFilter, DeliveryFilter
from delivery.api.requests import Failed
from delivery.api.serializers import (
    CourierSerializer,
    DeliverySerializer,
    FailedRequestSerializer,
)
from delivery.errors import DeliveryError, ShiftUnchanged
from delivery.models import Courier, Delivery
from restaurant import trail
from restaurant.api import MayView, Sort, press
from restaurant.boards.access import name_of
from restaurant.bodies.reading import Nothing, read
from restaurant.idempotency.keyed import keyed
from restaurant.paging import NewestFirst
from restaurant.parameters import KnownParameters
from restaurant.problems import documented

MOVES: dict[str, Callable[..., None]] = {
    "pick_up": services.pick_up,
    "deliver": services.deliver,
    "fail": services.fail,
}
MOVED = {200: DeliverySerializer}
SHIFTED = {200: CourierSerializer}
FOR_STAFF = documented("permission_denied")
FOR_COURIERS = documented("not_a_courier", "permission_denied")


class CourierPages(NewestFirst):
    ordering = ("name", "id")


@extend_schema_view(
    list=extend_schema(
        summary="List deliveries, newest first",
        description="Staff see all, couriers those that they carry or have carried to the end.",
        responses={200: DeliverySerializer(many=True)},
        extensions=FOR_COURIERS,
    ),
    retrieve=extend_schema(
        summary="Read a delivery",
        description=(
            "It is found by its order's id. Staff see all; couriers those of their list, and those"
            " that they failed to bring, whoever tries again. What was given to somebody else"
            " before it was picked up is 404."
        ),
        responses={200: DeliverySerializer},
        extensions=FOR_COURIERS,
    ),
)
class DeliveryViewSet(KnownParameters, ReadOnlyModelViewSet[Delivery]):
    """Deliveries, newest first, or `?sort=oldest`; one is found by its order's id.

    Staff see all, couriers their own.
    """

    queryset = Delivery.objects.select_related("courier")
    serializer_class = DeliverySerializer
    permission_classes = [MayLook]
    pagination_class = NewestFirst
    filter_backends = [DjangoFilterBackend, Sort]
    filterset_class = DeliveryFilter
    lookup_field = "order_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Delivery]:
        if self.request.user.has_perm(VIEW):
            return super().get_queryset()
        courier = own_courier(self.request)
        found = carried_by(courier) if self.action == "list" else known_to(courier)
        return found.select_related("courier")

    @press(MayMove, at="picked-up")
    @extend_schema(
        operation_id="delivery_deliveries_pick_up",
        request=None,
        responses=MOVED,
        extensions=documented("delivery_not_assigned", "not_a_courier"),
    )
    @keyed(using="delivery")
    def picked_up(self, request: Request, order_id: UUID) -> Response:
        """Pick a delivery up.

        The courier has left with what was assigned to them.
        """
        read(request, Nothing)
        return self._move(request, order_id, "pick_up")

    @press(MayMove)
    @extend_schema(
        operation_id="delivery_deliveries_deliver",
        request=None,
        responses=MOVED,
        extensions=documented("delivery_not_out_for_delivery", "not_a_courier"),
    )
    @keyed(using="delivery")
    def delivered(self, request: Request, order_id: UUID) -> Response:
        """Deliver an order.

        The customer has it.
        """
        read(request, Nothing)
        return self._move(request, order_id, "deliver")

    @press(MayMove, takes=FailedRequestSerializer)
    @extend_schema(
        operation_id="delivery_deliveries_fail",
        request=FailedRequestSerializer,
        responses=MOVED,
        extensions=documented("delivery_not_out_for_delivery", "not_a_courier"),
    )
    @keyed(using="delivery")
    def failed(self, request: Request, order_id: UUID) -> Response:
        """Tell that an attempt failed.

        The first is tried again, by another courier if one is free; the second is the last, and
        gives the delivery up. Who has failed can still read what becomes of it.
        """
        return self._move(request, order_id, "fail", reason=read(request, Failed).reason.strip())

    def _move(self, request: Request, order_id: UUID, move: str, **given: Any) -> Response:
        courier = None if request.user.has_perm(CHANGE) else own_courier(request)
        movable = known_to(courier) if courier else Delivery.objects.all()
        delivery, now = get_object_or_404(movable, order_id=order_id), timezone.now()
        try:
            with _watch(request, Delivery, action=move, now=now, reason=given.get("reason", "")):
                by = _by(request, courier)
                MOVES[move](delivery_id=delivery.pk, now=now, **by, **given)
                # In the same transaction: as this made it, whatever others do next.
                return Response(DeliverySerializer(self.queryset.get(pk=delivery.pk)).data)
        except DeliveryError:
            delivery = get_object_or_404(movable, pk=delivery.pk)
            raise refused.conflict(move, delivery, now=timezone.now()) from None


@extend_schema_view(
    list=extend_schema(
        summary="List couriers by name",
        description="For staff, with how many deliveries each carries.",
        responses={200: CourierSerializer(many=True)},
        extensions=FOR_STAFF,
    ),
    retrieve=extend_schema(
        summary="Read a courier",
        description="For staff.",
        responses={200: CourierSerializer},
        extensions=FOR_STAFF,
    ),
)
class CourierViewSet(KnownParameters, ReadOnlyModelViewSet[Courier]):
    """Couriers by name, with what they carry; `me` is the courier who asks."""

    queryset = Courier.objects.all()
    serializer_class = CourierSerializer
    permission_classes = [MayView]
    pagination_class = CourierPages
    filterset_class = CourierFilter
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Courier]:
        carried = Delivery.objects.filter(courier=OuterRef("pk"), status__in=Delivery.CARRIED)
        counted = carried.order_by().values("courier").annotate(n=Count("id")).values("n")
        return (
            super()
            .get_queryset()
            .annotate(load=Coalesce(Subquery(counted), 0, output_field=IntegerField()))
        )

    # Outside, or `action` would forget what it says.
    @extend_schema(
        operation_id="delivery_couriers_retrieve_me",
        responses={200: CourierSerializer},
        extensions=FOR_COURIERS,
    )
    @action(detail=False, permission_classes=[MayCarry])
    def me(self, request: Request) -> Response:
        """Read the courier who asks.

        With how many deliveries they carry.
        """
        return Response(self._told(own_courier(request)))

    @press(MayCarry, detail=False, at="me/start-shift")
    @extend_schema(
        operation_id="delivery_couriers_start_shift",
        request=None,
        responses=SHIFTED,
        extensions=FOR_COURIERS,
    )
    @keyed(using="delivery")
    def start_shift(self, request: Request) -> Response:
        """Start a shift.

        The courier who asks is given deliveries from now on. One who is on shift stays so.
        """
        return self._change_shift(request, services.start_shift)

    @press(MayCarry, detail=False, at="me/end-shift")
    @extend_schema(
        operation_id="delivery_couriers_end_shift",
        request=None,
        responses=SHIFTED,
        extensions=FOR_COURIERS,
    )
    @keyed(using="delivery")
    def end_shift(self, request: Request) -> Response:
        """End a shift.

        The courier who asks is given no more. What they have not picked up waits for somebody else.
        One who is off shift stays so.
        """
        return self._change_shift(request, services.end_shift)

    def _change_shift(self, request: Request, deed: Callable[..., Any]) -> Response:
        read(request, Nothing)
        courier, now = own_courier(request), timezone.now()
        # It is as the courier wants it: a repeat is no mistake, and changes nothing.
        with suppress(ShiftUnchanged), _watch(request, Courier, action=deed.__name__, now=now):
            deed(courier_id=courier.pk, now=now, by=courier.name)
            return Response(self._told(courier))
        return Response(self._told(courier))

    def _told(self, courier: Courier) -> Any:
        return CourierSerializer(self.get_queryset().get(pk=courier.pk)).data


def _by(request: Request, courier: Courier | None) -> dict[str, Any]:
    """Say who moves a delivery, staff or a courier: the latter no more than what is theirs."""
    if courier is None:
        return {"by": name_of(request)}
    return {"by": courier.name, "seen_courier_id": courier.pk}


def _watch(
    request: Request, model: type[Model], *, action: str, now: datetime, reason: str = ""
) -> AbstractContextManager[None]:
    person = trail.person_of(request, via="api")
    return trail.watch(person, model, action=action, now=now, reason=reason)
