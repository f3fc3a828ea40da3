"""DRF's renderer for browsers, with a page of our own: the staff site's look, and its policy."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth import get_user
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer

from restaurant.browsable.answer import draw, leads_of

# Lists, by what they are called, their route, and the right that they ask for.
LISTS = (
    (gettext_lazy("Menu"), "menu", ""),
    (gettext_lazy("Orders"), "orders", ""),
    (gettext_lazy("Tickets"), "ticket-list", "kitchen.view_ticket"),
    (gettext_lazy("Stations"), "station-list", "kitchen.view_station"),
    (gettext_lazy("Deliveries"), "delivery-list", "delivery.view_delivery"),
    (gettext_lazy("Couriers"), "courier-list", "delivery.view_courier"),
)
# What can be done with one of these: routes that have the same parameters.
DEEDS = {
    "order": ("order-timeline", "order-events", "order-cancel"),
    "ticket-detail": ("ticket-start", "ticket-bump", "ticket-recall", "ticket-acknowledge"),
    "station-detail": ("station-open", "station-close"),
    "delivery-detail": ("delivery-picked-up", "delivery-delivered", "delivery-failed"),
}
BACK = {deed: whole for whole, deeds in DEEDS.items() for deed in deeds}


class Link(NamedTuple):
    text: str
    href: str
    is_here: bool


class ApiPages(BrowsableAPIRenderer):
    """Shows an answer with how it was asked for, what leads on, and a form for what is POSTed."""

    template = "rest_framework/api.html"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Any = None,
    ) -> Any:
        page = super().render(data, accepted_media_type, renderer_context)
        # The ETag is the JSON's: with it, browsers would take the page for the JSON.
        response = renderer_context["response"]
        del response["ETag"]
        response["Cache-Control"] = "no-store"
        return page

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Any
    ) -> dict[str, Any]:
        view, request = renderer_context["view"], renderer_context["request"]
        response, match = renderer_context["response"], request.resolver_match
        name = match.url_name if match else ""
        is_list = isinstance(data, dict) and "results" in data
        person = _person(request)
        form = self.get_raw_data_form(data, view, "POST", request)
        return {
            "view": view,
            "request": request,
            "response": response,
            "user": person,
            "name": self.get_name(view),
            "description": view.get_view_description(),
            "answer": draw(data, leads_of(request.path if is_list else "")),
            "headers": _headers(response),
            "lists": list(_lists(request, person)),
            "deeds": list(_deeds(name, match, request)) if match else [],
            "filters": _filters(view, request) if is_list else None,
            "body": form["_content"].value() or "{}" if form else None,
            "is_order_form": name == "orders",
            "address": request.build_absolute_uri(),
            "texts": _texts(),
        }


def _headers(response: Any) -> list[tuple[str, str]]:
    """Give the headers that a program would get; those of the page are not among them."""
    shown = {**dict(response.items()), "Content-Type": str(JSONRenderer.media_type)}
    return sorted(shown.items())


def _filters(view: Any, request: Any) -> Any:
    """Give the form of a list's filters, where it has any."""
    filters = getattr(view, "filterset_class", None)
    if filters is None:
        return None
    return filters(request.query_params, queryset=view.get_queryset(), request=request).form


def _person(request: Any) -> Any:
    """Give who is logged in, also where the view asks nobody who they are."""
    asked = request._request
    return get_user(asked) if hasattr(asked, "session") else request.user


def _lists(request: Any, person: Any) -> Iterator[Link]:
    for text, route, right in LISTS:
        if right and not person.has_perm(right):
            continue
        if href := _reverse(route):
            yield Link(str(text), href, request.path == href)


def _deeds(name: str, match: Any, request: Any) -> Iterator[Link]:
    """Give the object's own page and what can be done with it."""
    whole = BACK.get(name, name)
    own = _reverse(whole, **match.kwargs) if whole in DEEDS else ""
    if not own:
        return
    for route in (whole, *DEEDS[whole]):
        if href := _reverse(route, **match.kwargs):
            yield Link(f"…/{href.removeprefix(own)}", href, request.path == href)


def _reverse(route: str, **values: Any) -> str:
    """Give a route's path; nothing where this process does not serve it."""
    try:
        return reverse(route, kwargs=values)
    except NoReverseMatch:
        return ""


def _texts() -> dict[str, str]:
    return {
        "headers": _("Headers"),
        "sending": _("Sending…"),
        "unreachable": _("The server does not answer."),
        "open": _("Open what was made"),
        "choose": _("Choose %s"),
        "gone": _("not on sale now"),
    }
