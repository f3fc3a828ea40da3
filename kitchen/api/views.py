"""The kitchen over HTTP: for devices at the stations. Rules are in `kitchen.services`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from kitchen import services
from kitchen.api import refused
from kitchen.api.filters import StationFilter, TicketFilter
from kitchen.api.serializers import StationSerializer, TicketSerializer
from kitchen.errors import AlreadyAcknowledged, KitchenError, UnknownStation, UnknownTicket
from kitchen.models import Station, Ticket
from restaurant import trail
from restaurant.api import MayView, Sort, press
from restaurant.boards.access import name_of
from restaurant.bodies.reading import Nothing, read
from restaurant.idempotency.keyed import keyed
from restaurant.paging import NewestFirst
from restaurant.parameters import KnownParameters
from restaurant.problems import documented

MOVES: dict[str, Callable[..., None]] = {
    "start": services.start_ticket,
    "bump": services.bump,
    "recall": services.recall,
    "acknowledge": services.acknowledge,
}
AS_TICKET: dict[str, Any] = {"request": None, "responses": {200: TicketSerializer}}
AS_STATION: dict[str, Any] = {"request": None, "responses": {200: StationSerializer}}
FOR_STAFF = documented("permission_denied")


class StationPages(NewestFirst):
    ordering = "code"


def _count(status: Ticket.Status) -> Coalesce:
    """Count a station's tickets by its index: a join would read all that it ever cooked."""
    tickets = Ticket.objects.filter(station=OuterRef("pk"), status=status).order_by()
    counted = tickets.values("station").annotate(n=Count("id")).values("n")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


@extend_schema_view(
    list=extend_schema(
        summary="List tickets, newest first",
        description="For staff. A ticket is one station's part of an order.",
        responses={200: TicketSerializer(many=True)},
        extensions=FOR_STAFF,
    ),
    retrieve=extend_schema(
        summary="Read a ticket",
        description="For staff.",
        responses={200: TicketSerializer},
        extensions=FOR_STAFF,
    ),
)
class TicketViewSet(KnownParameters, ReadOnlyModelViewSet[Ticket]):
    """Tickets, newest first, or as a station works through them: `?sort=oldest`."""

    queryset = Ticket.objects.select_related("order", "station")
    serializer_class = TicketSerializer
    permission_classes = [MayView]
    pagination_class = NewestFirst
    filter_backends = [DjangoFilterBackend, Sort]
    filterset_class = TicketFilter
    lookup_value_converter = "key"

    @press()
    @extend_schema(
        operation_id="kitchen_tickets_start",
        extensions=documented("ticket_not_queued", "station_full"),
        **AS_TICKET,
    )
    @keyed(using="kitchen")
    def start(self, request: Request, pk: int) -> Response:
        """Start a ticket.

        Ahead of its turn, if it is queued and its station has room.
        """
        return self._move(request, pk, "start")

    @press()
    @extend_schema(
        operation_id="kitchen_tickets_bump",
        extensions=documented("ticket_not_cooking"),
        **AS_TICKET,
    )
    @keyed(using="kitchen")
    def bump(self, request: Request, pk: int) -> Response:
        """Bump a ticket.

        Marks what cooks as done. With the last ticket, its order is cooked.
        """
        return self._move(request, pk, "bump")

    @press()
    @extend_schema(
        operation_id="kitchen_tickets_recall",
        extensions=documented("ticket_not_done", "order_cooked", "order_ended"),
        **AS_TICKET,
    )
    @keyed(using="kitchen")
    def recall(self, request: Request, pk: int) -> Response:
        """Recall a ticket.

        Undoes a bump, as long as the order has another ticket to cook.
        """
        return self._move(request, pk, "recall")

    @press()
    @extend_schema(
        operation_id="kitchen_tickets_acknowledge",
        extensions=documented("ticket_not_cancelled"),
        **AS_TICKET,
    )
    @keyed(using="kitchen")
    def acknowledge(self, request: Request, pk: int) -> Response:
        """Acknowledge a cancelled ticket.

        It leaves the boards. One that was acknowledged before stays as it is.
        """
        return self._move(request, pk, "acknowledge")

    def _move(self, request: Request, ticket_id: int, move: str) -> Response:
        read(request, Nothing)
        now = timezone.now()
        try:
            with _watch(request, Ticket, action=move, now=now):
                MOVES[move](ticket_id=ticket_id, now=now, by=name_of(request))
                # In the same transaction: as this made it, whatever others do next.
                return self._told(ticket_id)
        except UnknownTicket:
            raise Http404 from None
        except AlreadyAcknowledged:
            # It is as the cook wants it: a repeat is no mistake, and changes nothing.
            return self._told(ticket_id)
        except KitchenError as error:
            ticket = self.queryset.get(pk=ticket_id)
            raise refused.conflict(move, error, ticket, now=timezone.now()) from None

    def _told(self, ticket_id: int) -> Response:
        return Response(TicketSerializer(self.queryset.get(pk=ticket_id)).data)


@extend_schema_view(
    list=extend_schema(
        summary="List stations by code",
        description="For staff, with how many tickets wait and cook at each.",
        responses={200: StationSerializer(many=True)},
        extensions=FOR_STAFF,
    ),
    retrieve=extend_schema(
        summary="Read a station",
        description="For staff.",
        responses={200: StationSerializer},
        extensions=FOR_STAFF,
    ),
)
class StationViewSet(KnownParameters, ReadOnlyModelViewSet[Station]):
    """Stations by code, with how much they have to do."""

    queryset = Station.objects.all()
    serializer_class = StationSerializer
    permission_classes = [MayView]
    pagination_class = StationPages
    filterset_class = StationFilter
    lookup_field = "code"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Station]:
        return (
            super()
            .get_queryset()
            .annotate(queued=_count(Ticket.Status.QUEUED), cooking=_count(Ticket.Status.COOKING))
        )

    @press()
    @extend_schema(operation_id="kitchen_stations_open", **AS_STATION)
    @keyed(using="kitchen")
    def open(self, request: Request, code: str) -> Response:
        """Open a station.

        From now on it takes orders. One that is open stays so.
        """
        return self._set_open(request, code, is_open=True)

    @press()
    @extend_schema(operation_id="kitchen_stations_close", **AS_STATION)
    @keyed(using="kitchen")
    def close(self, request: Request, code: str) -> Response:
        """Close a station.

        Orders that need it are refused. The tickets that it has are cooked.
        """
        return self._set_open(request, code, is_open=False)

    def _set_open(self, request: Request, code: str, *, is_open: bool) -> Response:
        read(request, Nothing)
        now = timezone.now()
        try:
            with _watch(request, Station, action="open" if is_open else "close", now=now):
                services.set_station_open(code=code, is_open=is_open, now=now)
                return Response(StationSerializer(self.get_queryset().get(code=code)).data)
        except UnknownStation:
            raise Http404 from None


def _watch(
    request: Request, model: type[Model], *, action: str, now: datetime
) -> AbstractContextManager[None]:
    return trail.watch(trail.person_of(request, via="api"), model, action=action, now=now)
