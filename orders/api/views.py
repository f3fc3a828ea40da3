"""The menu and the orders over HTTP."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn, cast
from uuid import UUID

from django.db.models import Model
from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from structlog.contextvars import bind_contextvars

from orders import refusals, represent, services
from orders.api import refused, serializers
from orders.api.answers import OrdersView
from orders.api.filters import OrderFilter
from orders.cache import CachedOrder, order_cache
from orders.errors import KeyReused, OrderRefused, UnknownItem, UnknownOrder
from orders.menu import compiled
from orders.models import MenuItem, Order
from orders.placing import Placed
from orders.requests import OrderRequest, decode_availability, decode_cancel
from restaurant import trail
from restaurant.addresses import client_address, normal_address
from restaurant.answers import answer
from restaurant.bodies.reading import json_body
from restaurant.idempotency.keyed import keyed
from restaurant.idempotency.keys import Key, key_of
from restaurant.idempotency.running import hold
from restaurant.idempotency.schema import PARAMETERS, REPLAYED
from restaurant.paging import NewestFirst
from restaurant.problems import documented
from restaurant.request_ids import correlation_id

LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI,
    OpenApiParameter.HEADER,
    response=[201],
    description="Where the order is read, and followed below.",
)


class MenuView(OrdersView):
    """What can be ordered."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(responses=serializers.MenuSerializer, auth=[])
    def get(self, request: Request) -> HttpResponseBase:
        """Read the menu.

        Dishes by category, in the restaurant's order, each with the options that can be chosen for
        it. A dish that is not `available` cannot be ordered now. Needs no account.
        """
        menu = compiled.current()
        # Asked anew each time, for one small query: a dish that is gone must not be shown.
        headers = {"ETag": menu.etag, "Cache-Control": "no-cache"}
        return answer(request, menu.json, headers=headers)


class MaySetAvailability(IsAuthenticated):
    """Lets in who may 86 a dish."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and request.user.has_perm(
            "orders.set_availability"
        )


class AvailabilityView(OrdersView, GenericAPIView[MenuItem]):
    """Take a dish off the menu (86 it), or put it back."""

    permission_classes = [MaySetAvailability]
    serializer_class = serializers.AvailabilityRequestSerializer
    queryset = MenuItem.objects.none()

    @extend_schema(
        operation_id="menu_set_availability",
        # Any text: what no SKU can be is 404, as what none is.
        parameters=[OpenApiParameter("sku", OpenApiTypes.STR, OpenApiParameter.PATH)],
        responses={200: serializers.AvailabilitySerializer},
    )
    @keyed(using="orders")
    def post(self, request: Request, sku: str) -> HttpResponseBase:
        """Take a dish off the menu, or put it back.

        For staff: nobody can order a dish that is taken off (86'd). Orders that have it stay.
        """
        available = decode_availability(json_body(request)).available
        dish = compiled.current().dishes.get(sku)
        if dish is None:
            raise UnknownItem(sku)
        # Named as by the staff site's button.
        action = "put_back" if available else "take_off"
        with _watch(request, MenuItem, action=action):
            changed = services.set_availability(sku=sku, available=available)
        body = represent.availability(sku, dish.name, available=available, changed=changed)
        return answer(request, body)


class OrderListView(OrdersView, GenericAPIView[Order]):
    """Orders, newest first; and where to place one."""

    queryset = Order.objects.prefetch_related("lines")
    serializer_class = serializers.OrderRequestSerializer
    pagination_class = NewestFirst
    filterset_class = OrderFilter

    @extend_schema(responses=serializers.OrderSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        """List orders, newest first.

        One's own; all of them for staff who may see them, as managers and support do.
        """
        orders = self.get_queryset()
        if not request.user.has_perm("orders.view_order"):
            orders = orders.filter(customer_id=_user_id(request))
        page = self.paginate_queryset(self.filter_queryset(orders)) or []
        paginator = cast("NewestFirst", self.paginator)
        links = paginator.get_next_link(), paginator.get_previous_link()
        body = represent.page(map(represent.order, page), *links)
        return answer(request, body, headers={"Link": paginator.link_header()})

    @extend_schema(
        parameters=[*PARAMETERS, LOCATION],
        responses={201: serializers.OrderSerializer},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Place an order.

        Dishes and options are named by their SKUs of the menu. The server computes the prices, and
        they stay as they are in the answer. `Location` is where to follow the order.
        """
        key = key_of(request)
        # Between processes, the table of keys lets one in.
        with nullcontext() if key is None else hold(key):
            placed = services.place_order(
                customer_id=_user_id(request),
                request=_read_order(request, key),
                correlation_id=correlation_id(request),
                client_address=normal_address(client_address(request)),
                key="" if key is None else key.text,
            )
        return _told(request, placed)

    def handle_exception(self, error: Exception) -> Response:
        """Answer a refusal, and count it for the dashboard."""
        response = super().handle_exception(error)
        if self.request.method == "POST":
            refusals.count(refused.reason(error, response))
        return response

    def raise_uncaught_exception(self, error: Exception) -> NoReturn:
        """Leave it to Django to answer, and count it too: the order was not taken."""
        if self.request.method == "POST":
            refusals.count(refused.SERVER_ERROR)
        super().raise_uncaught_exception(error)


class OrderView(OrdersView):
    """One order."""

    @extend_schema(responses={200: serializers.OrderSerializer})
    def get(self, request: Request, order_id: UUID) -> HttpResponseBase:
        """Read an order.

        With its `status` as it is now: `placed`, `accepted`, `cooking`, `cooked`,
        `out_for_delivery`, and at last `delivered`, `cancelled`, `rejected` or `delivery_failed`.
        """
        order = order_cache.read(str(order_id)) or _from_database(order_id)
        if order.customer_id != str(request.user.pk) and not _may_see_all(request):
            raise UnknownOrder(str(order_id))
        return answer(request, order.json)


class TimelineView(OrdersView):
    """What happened to an order, oldest first."""

    @extend_schema(
        operation_id="orders_retrieve_timeline",
        responses={200: serializers.TimelineEntrySerializer(many=True)},
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponseBase:
        """Read what happened to an order.

        Every event, oldest first, with when it happened. Most stand for a status.
        """
        order = _visible(request, order_id)
        return answer(request, represent.timeline(order.timeline.all()))


class CancelView(OrdersView, GenericAPIView[Order]):
    """Ask to cancel an order; the kitchen decides, and the order then tells."""

    serializer_class = serializers.CancelRequestSerializer
    queryset = Order.objects.none()

    @extend_schema(
        operation_id="orders_cancel",
        responses={202: serializers.OrderSerializer},
        extensions=documented("order_ended", "order_cooked"),
    )
    @keyed(using="orders")
    def post(self, request: Request, order_id: UUID) -> HttpResponseBase:
        """Ask to cancel an order.

        The kitchen decides: 202 says that it was asked, and `cancel_requested` of the order shows
        it. The order is then `cancelled`; or it was cooked just before, and then the event
        `order_cancel_rejected` tells why, and `cancel_requested` is false again. Asking twice is
        asking once, and a cancelled order is answered 202 as it is.

        Of an order that is known to be too far, 409: `order_cooked` once it is `cooked` or
        `out_for_delivery`, `order_ended` after its end.
        """
        order = _visible(request, order_id)
        if order.customer_id != request.user.pk and not request.user.has_perm(
            "orders.change_order"
        ):
            raise PermissionDenied
        reason = decode_cancel(json_body(request)).reason
        # What customers do to their own orders is told by the timeline.
        is_own = order.customer_id == request.user.pk
        with (
            nullcontext()
            if is_own
            else _watch(request, Order, action="request_cancel", reason=reason)
        ):
            order = services.request_cancel(
                public_id=order_id, requested_by=_user_id(request), reason=reason
            )
        return answer(request, represent.order(order), status=202)


def _watch(
    request: Request, model: type[Model], *, action: str, reason: str = ""
) -> AbstractContextManager[None]:
    person = trail.person_of(request, via="api")
    return trail.watch(person, model, action=action, now=timezone.now(), reason=reason)


def _user_id(request: Request) -> UUID:
    # Every view here asks for a user, be it of a token or of the staff session.
    return cast("UUID", request.user.pk)


def _may_see_all(request: Request) -> bool:
    return bool(request.user.has_perm("orders.view_order"))


def _visible(request: Request, order_id: UUID) -> Order:
    order = Order.objects.filter(public_id=order_id).first()
    if order is None or (order.customer_id != request.user.pk and not _may_see_all(request)):
        raise UnknownOrder(str(order_id))
    return order


def _from_database(order_id: UUID) -> CachedOrder:
    lease = order_cache.lease(str(order_id))
    order = Order.objects.prefetch_related("lines").filter(public_id=order_id).first()
    if order is None:
        raise UnknownOrder(str(order_id))
    order_cache.fill(order, lease)
    return CachedOrder(str(order.customer_id), represent.order(order))


def _read_order(request: Request, key: Key | None) -> OrderRequest:
    try:
        return services.read_request(json_body(request))
    except OrderRefused:
        # Whatever is wrong with it, it is not the body that the key was first sent with.
        if key and services.has_placed(_user_id(request), key.text):
            raise KeyReused(key.text) from None
        raise


def _told(request: Request, placed: Placed | Order) -> HttpResponseBase:
    """Answer with an order as it was when placed, so that a repeat is answered the same."""
    headers = {}
    if isinstance(placed, Placed):
        id_, fixed = placed.id, _fixed(placed)
    else:
        id_, fixed = placed.public_id, represent.fixed_part_of(placed)
        headers[REPLAYED] = "true"
    bind_contextvars(order_id=str(id_))
    # As `build_absolute_uri` does, which first takes the address apart.
    headers["Location"] = f"{request.scheme}://{request.get_host()}{request.path}{id_}/"
    body = represent.just_placed(fixed, placed.created_at)
    return answer(request, body, status=201, headers=headers)


def _fixed(placed: Placed) -> bytes:
    order = placed.order
    return represent.fixed_part(
        id_=placed.id,
        number=placed.number,
        currency=order.currency,
        total=order.total,
        lines=order.lines,
        address=order.address,
        note=order.note,
        created_at=placed.created_at,
    )
