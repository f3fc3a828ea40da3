"""The API's own address: where to go from there, of what this process serves."""

from collections.abc import Iterator
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.views.generic import RedirectView
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from restaurant.parameters import KnownParameters

# Name → route, in the order in which a stranger would want them.
ADDRESSES: Final = {
    "register": "auth-register",
    "login": "auth-login",
    "refresh": "auth-refresh",
    "logout": "auth-logout",
    "menu": "menu",
    "orders": "orders",
    "tickets": "ticket-list",
    "stations": "station-list",
    "deliveries": "delivery-list",
    "couriers": "courier-list",
    "schema": "schema",
    "docs": "docs",
    "problems": "problems",
}
# Which names there are depends on the process that answers, so none is promised.
SHAPE: Final = {
    "type": "object",
    "additionalProperties": {"type": "string", "format": "uri"},
}


class RootView(KnownParameters):
    """Where to go from here."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(operation_id="root_retrieve", tags=["root"], responses={200: SHAPE}, auth=[])
    def get(self, request: Request) -> Response:
        """List where to go.

        The API's lists and accounts, its schema, its documentation and its errors, by their
        addresses: of what the process that answers serves. Needs no account.
        """
        served = {name: request.build_absolute_uri(path) for name, path in _served()}
        return Response(served)


class ToRoot(RedirectView):
    """Leads there from shorter addresses."""

    pattern_name = "root"
    http_method_names = ["get", "head"]


def _served() -> Iterator[tuple[str, str]]:
    """Give names with their paths, without those that another process serves."""
    for name, route in ADDRESSES.items():
        try:
            yield name, reverse(route)
        except NoReverseMatch:
            continue
