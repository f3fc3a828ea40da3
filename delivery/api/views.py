"""Deliveries over HTTP, for staff to read."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.viewsets import ReadOnlyModelViewSet

from delivery.api.filters import CourierFilter, DeliveryFilter
from delivery.api.serializers import CourierSerializer, DeliverySerializer
from delivery.models import Courier, Delivery
from restaurant.api import MayView, NewestFirst
from restaurant.problems import documented


class CourierPages(NewestFirst):
    ordering = ("name", "id")


@extend_schema_view(
    list=extend_schema(
        summary="List deliveries, newest first",
        description="For staff. There is one for each order that was cooked.",
        responses={200: DeliverySerializer(many=True), **documented(400, 401, 403)},
    ),
    retrieve=extend_schema(
        summary="Read a delivery",
        description="For staff; it is found by its order's id.",
        responses={200: DeliverySerializer, **documented(401, 403, 404)},
    ),
)
class DeliveryViewSet(ReadOnlyModelViewSet[Delivery]):
    """Deliveries, newest first; one is found by its order's id."""

    queryset = Delivery.objects.select_related("courier")
    serializer_class = DeliverySerializer
    permission_classes = [MayView]
    pagination_class = NewestFirst
    filterset_class = DeliveryFilter
    lookup_field = "order_id"
    lookup_value_converter = "uuid"


@extend_schema_view(
    list=extend_schema(
        summary="List couriers by name",
        description="For staff, with how many deliveries each carries.",
        responses={200: CourierSerializer(many=True), **documented(400, 401, 403)},
    ),
    retrieve=extend_schema(
        summary="Read a courier",
        description="For staff.",
        responses={200: CourierSerializer, **documented(401, 403, 404)},
    ),
)
class CourierViewSet(ReadOnlyModelViewSet[Courier]):
    """Couriers by name, with what they carry."""

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
