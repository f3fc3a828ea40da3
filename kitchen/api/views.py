"""The kitchen over HTTP, for staff to read."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.viewsets import ReadOnlyModelViewSet

from kitchen.api.filters import StationFilter, TicketFilter
from kitchen.api.serializers import StationSerializer, TicketSerializer
from kitchen.models import Station, Ticket
from restaurant.api import MayView, NewestFirst
from restaurant.problems import documented


class StationPages(NewestFirst):
    ordering = "code"


def _count(status: Ticket.Status) -> Coalesce:
    """Count a station's tickets by its index: a join would read all that it ever cooked."""
    tickets = Ticket.objects.filter(station=OuterRef("pk"), status=status).order_by()
    counted = tickets.values("station").annotate(n=Count("id")).values("n")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


@extend_schema_view(
    list=extend_schema(responses={200: TicketSerializer(many=True), **documented(400, 401, 403)}),
    retrieve=extend_schema(responses={200: TicketSerializer, **documented(401, 403, 404)}),
)
class TicketViewSet(ReadOnlyModelViewSet[Ticket]):
    """Tickets, newest first."""

    queryset = Ticket.objects.select_related("order", "station")
    serializer_class = TicketSerializer
    permission_classes = [MayView]
    pagination_class = NewestFirst
    filterset_class = TicketFilter
    lookup_value_converter = "int"


@extend_schema_view(
    list=extend_schema(responses={200: StationSerializer(many=True), **documented(400, 401, 403)}),
    retrieve=extend_schema(responses={200: StationSerializer, **documented(401, 403, 404)}),
)
class StationViewSet(ReadOnlyModelViewSet[Station]):
    """Stations by code, with how much they have to do."""

    queryset = Station.objects.all()
    serializer_class = StationSerializer
    permission_classes = [MayView]
    pagination_class = StationPages
    filterset_class = StationFilter
    lookup_field = "code"
    lookup_value_converter = "str"

    def get_queryset(self) -> QuerySet[Station]:
        return (
            super()
            .get_queryset()
            .annotate(queued=_count(Ticket.Status.QUEUED), cooking=_count(Ticket.Status.COOKING))
        )
