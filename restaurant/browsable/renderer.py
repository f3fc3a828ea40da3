"""DRF's renderer for browsers, with a page of our own: the staff site's look, and its policy."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib.auth import get_user
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import override_method

from restaurant.browsable.answer import draw, leads_of, leads_to_addresses
from restaurant.browsable.filters import filters_of
from restaurant.browsable.headers import headers_of
from restaurant.browsable.operations import asks_who, example_of, operations_at, takes_body
from restaurant.browsable.titles import TITLES
from restaurant.methods import READING

# Lists by their route, and the right that they ask for.
LISTS = (
    ("menu", ""),
    ("orders", ""),
    ("ticket-list", "kitchen.view_ticket"),
    ("station-list", "kitchen.view_station"),
    ("delivery-list", "delivery.view_delivery"),
    ("courier-list", "delivery.view_courier"),
)
# What can be done with one of these: routes that have the same parameters.
DEEDS = {
    "order": ("order-timeline", "order-events", "order-cancel"),
    "ticket-detail": ("ticket-start", "ticket-bump", "ticket-recall", "ticket-acknowledge"),
    "station-detail": ("station-open", "station-close"),
    "delivery-detail": ("delivery-picked-up", "delivery-delivered", "delivery-failed"),
    "courier-me": ("courier-start-shift", "courier-end-shift"),
}
BACK = {deed: whole for whole, deeds in DEEDS.items() for deed in deeds}


class Link(NamedTuple):
    text: str
    href: str
    is_here: bool


class Form(NamedTuple):
    """What is POSTed: its body as it may be sent, empty where there is nothing to say."""

    body: str
    takes_body: bool
    asks_who: bool


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
        response = renderer_context["response"]
        # The ETag is the JSON's: with it, browsers would take the page for the JSON.
        del response["ETag"]
        response["Cache-Control"] = "no-store"
        if not _is_answered(renderer_context["request"], response):
            # A program is told 405; a person has come to a page that tells what to do here.
            response.status_code = HTTPStatus.OK.value
        return page

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Any
    ) -> dict[str, Any]:
        view, request = renderer_context["view"], renderer_context["request"]
        response, match = renderer_context["response"], request.resolver_match
        name = match.url_name if match else ""
        is_list = isinstance(data, dict) and "results" in data
        is_answered = _is_answered(request, response)
        operations = operations_at(match.route) if match else {}
        person = _person(request)
        leads = leads_to_addresses if name == "root" else leads_of(request.path if is_list else "")
        return {
            "view": view,
            "request": request,
            "response": response,
            "user": person,
            "name": self.get_name(view),
            "description": _description(view, operations, is_answered=is_answered),
            "is_answered": is_answered,
            "answer": draw(data, leads),
            "headers": headers_of(data, request, response),
            "lists": list(_lists(request, person)),
            "deeds": list(_deeds(name, match, request)) if match else [],
            "filters": filters_of(data, view, request, response),
            "form": self._form(view, request, operations),
            "is_order_form": name == "orders",
            "address": request.build_absolute_uri(),
            # What is POSTed takes none of the query by which this was read.
            "place": request.build_absolute_uri(request.path),
            "texts": _texts(),
        }

    def _form(self, view: Any, request: Any, operations: dict[str, Any]) -> Form | None:
        """Give the form of what is POSTed here, to who may."""
        post = operations.get("post")
        if post is None:
            return None
        with override_method(view, request, "POST") as asked:
            if not self.show_form_for_method(view, "POST", asked, None):
                return None
        return Form(example_of(post), takes_body(post), asks_who(post))


def _is_answered(request: Any, response: Any) -> bool:
    """Tell whether there is an answer to show: there is none where nothing can be read."""
    is_refused = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    return not (is_refused and request.method in READING)


def _description(view: Any, operations: dict[str, Any], *, is_answered: bool) -> str:
    """Say what is read here, or done where nothing is read."""
    told = operations.get("get" if is_answered else "post") or operations.get("post")
    text = str(told["description"] if told else view.get_view_description())
    # Lines end where the window does; an empty one ends a paragraph.
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _person(request: Any) -> Any:
    """Give who is logged in, also where the view asks nobody who they are."""
    asked = request._request
    return get_user(asked) if hasattr(asked, "session") else request.user


def _lists(request: Any, person: Any) -> Iterator[Link]:
    for route, right in LISTS:
        if right and not person.has_perm(right):
            continue
        if href := _reverse(route):
            yield Link(str(TITLES[route]), href, request.path == href)


def _deeds(name: str, match: Any, request: Any) -> Iterator[Link]:
    """Give the object and what can be done with it; from the root, what there is beside."""
    if name == "root":
        yield from _beside()
        return
    whole = BACK.get(name, name)
    own = _reverse(whole, **match.kwargs) if whole in DEEDS else ""
    if not own:
        return
    for route in (whole, *DEEDS[whole]):
        if href := _reverse(route, **match.kwargs):
            yield Link(f"…/{href.removeprefix(own)}", href, request.path == href)


def _beside() -> Iterator[Link]:
    """Give what there is beside the API."""
    for text, route in (
        (_("Documentation"), "docs"),
        (_("Errors"), "problems"),
        (_("Staff site"), "admin:index"),
    ):
        yield Link(text, reverse(route), is_here=False)


def _reverse(route: str, **values: Any) -> str:
    """Give a route's path; nothing where this process does not serve it."""
    try:
        return reverse(route, kwargs=values)
    except NoReverseMatch:
        return ""


def _texts() -> dict[str, str]:
    return {
        "orders": _reverse("orders"),
        "headers": _("Headers"),
        "sending": _("Sending…"),
        "unreachable": _("The server does not answer."),
        "open": _("Open what was made"),
        "choose": _("Choose %s"),
        "gone": _("not on sale now"),
        "kept": _("The body was written by hand. Empty it to have the menu write it."),
    }
