"""What the pages are made of: the login page's frame, and who is behind a request."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.views.generic.base import ContextMixin, View

from auth_grpc.models import User
from restaurant.addresses import client_address, normal_address
from restaurant.request_ids import request_id
from restaurant.trail import Person


class Framed(ContextMixin, View):
    """A page in the frame of the staff site's login page, kept by nobody."""

    title: Any = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(answer)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = admin.site.each_context(self.request)
        return super().get_context_data(**{**frame, "title": self.title, **kwargs})


def staff(request: HttpRequest) -> User | None:
    """Give who is logged in on the staff site: the row, where a request has a stand-in for it."""
    if request.user.is_active and request.user.is_staff:
        return User.objects.get(pk=request.user.pk)
    return None


def person(request: HttpRequest, user: User) -> Person:
    """Give the user as who does something, also before they are logged in."""
    return Person(
        id=user.pk,
        email=user.email,
        via="admin",
        address=normal_address(client_address(request)),
        request_id=request_id(request)[:64],
    )
