"""Following an order, where the web process is asked: it answers at once what it can so.

To wait would hold one of its threads, so streams and long waits are the live process's. A proxy
sends all of this path there (`docker/proxy`); without one, this sends on who must wait.
"""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotAcceptable
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.settings import api_settings

from orders import story
from orders.api import serializers
from orders.api.answers import OrdersView
from orders.errors import UnknownOrder
from restaurant.answers import answer
from restaurant.live import address
from restaurant.live.following import accepting, asked, telling
from restaurant.live.following.asked import Asked, NotReadable
from restaurant.live.following.followed import Event
from restaurant.problems import Problem, documented

NUMBER = {"type": "integer", "minimum": 0, "maximum": asked.HIGHEST}
PARAMETERS = [
    OpenApiParameter(
        "after",
        NUMBER,
        description="The number of the last event that is known: all after it comes.",
    ),
    OpenApiParameter(
        "wait",
        {"type": "integer", "minimum": 0, "maximum": asked.MOST_SECONDS},
        description="Seconds to wait, at most 30, when there is nothing new. Not with a stream.",
    ),
    OpenApiParameter(
        "Last-Event-ID",
        NUMBER,
        OpenApiParameter.HEADER,
        description="As `after`, and goes before it; a browser's EventSource sends it by itself.",
    ),
    OpenApiParameter(
        "Location",
        OpenApiTypes.URI,
        OpenApiParameter.HEADER,
        response=[307],
        description="Where to ask the same, with the same headers.",
    ),
]


class EventsView(OrdersView):
    """Follow an order: what happened to it, numbered from 1, as a list, a long poll or a stream."""

    query_parameters = asked.KNOWN

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        accept = request.META.get("HTTP_ACCEPT", "")
        if accepting.wants_stream(accept):
            # Of what is answered here, problems.
            return JSONRenderer(), JSONRenderer.media_type
        try:
            return super().perform_content_negotiation(request, force)
        except NotAcceptable:
            if accepting.is_answered(accept):
                raise
            raise Problem(code="not_acceptable", detail=accepting.forms()) from None

    @extend_schema(
        operation_id="orders_list_events",
        parameters=PARAMETERS,
        responses={
            (200, "application/json"): serializers.EventSerializer(many=True),
            (200, accepting.EVENT_STREAM): OpenApiTypes.STR,
            204: OpenApiResponse(description="The order has ended, and all of it is known."),
            307: OpenApiResponse(description="To wait, or for a stream, ask at `Location`."),
        },
        extensions=documented("bad_request", "origin_denied", "too_many_streams", "stopping"),
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponseBase:
        """Follow an order.

        Its events, numbered from 1 as orders learned of them, which may be late. A number's event
        is the same for ever, so `after` or `Last-Event-ID` goes on without a gap or a repeat.
        `order_status` of the last one says how far the order is. A list comes at once or, with
        `wait`, when there is something new, or empty after that time. Who waits, or streams, after
        the last event of an order that has ended is answered 204: stop asking.

        With `Accept: text/event-stream` it is a stream (Server-Sent Events): each event has its
        number as `id`, its type as `event` and the list's JSON as `data`. The last is `end`, with
        `{"why": …}`: `finished` with the order, `rights` when they were taken, `token` or `session`
        when that has ended, `unverified` while accounts are out of reach, `stopping` with the
        server. After the last four, come back with `Last-Event-ID` and a good token.

        Who must wait may be led to another origin (307): ask there with the same headers. Most
        clients drop `Authorization` on that way.
        """
        found = story.read([order_id]).get(order_id)
        may_see_all = request.user.has_perm("orders.view_order")
        if found is None or (found.owner != request.user.pk and not may_see_all):
            raise UnknownOrder(str(order_id))
        wanted = _read(request)
        news = found.events[wanted.after :]
        if found.is_ended and not news and (wanted.is_stream or wanted.wait):
            return _empty(204)
        if wanted.is_stream or (wanted.wait and not news):
            return _send_on(request)
        return _listed(request, news)


def _read(request: Request) -> Asked:
    query = dict(request.GET.lists())
    query.pop(api_settings.URL_FORMAT_OVERRIDE, None)
    accept = request.META.get("HTTP_ACCEPT", "")
    last = request.META.get("HTTP_LAST_EVENT_ID")
    try:
        return asked.read(query, accept=accept, last_event_id=last)
    except NotReadable as error:
        raise Problem(code=error.code, detail=str(error), errors=error.errors) from None


def _send_on(request: Request) -> HttpResponse:
    place = address.elsewhere(request._request)
    if not place:
        # The proxy should have sent it to the live process, and would send it here again.
        detail = _("Orders cannot be followed here now.")
        raise Problem(code="unavailable", detail=detail, retry_after=2)
    return _empty(307, Location=place)


def _empty(status: int, **headers: str) -> HttpResponse:
    """Give an answer without content, which is of no type."""
    response = HttpResponse(status=status, headers={"Cache-Control": "no-store", **headers})
    del response["Content-Type"]
    return response


def _listed(request: Request, news: Sequence[Event]) -> HttpResponseBase:
    return answer(request, telling.listed(news), headers={"Cache-Control": "no-store"})
