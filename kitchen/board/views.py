"""The board's page, its parts, and its buttons. Rules are in `kitchen.services`."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from kitchen import services
from kitchen.board import picture, words
from kitchen.errors import KitchenError, UnknownTicket
from kitchen.models import Ticket
from restaurant import trail
from restaurant.boards.access import name_of, page, part, press, say
from restaurant.boards.words import texts
from restaurant.csp import strict
from restaurant.live.address import stream_url

VIEW, CHANGE, SELL = "kitchen.view_ticket", "kitchen.change_ticket", "orders.set_availability"
MOVES: dict[str, Callable[..., None]] = {
    "start": services.start_ticket,
    "bump": services.bump,
    "recall": services.recall,
    "acknowledge": services.acknowledge,
}
# Orders that a board may ask for at once; for more it asks for all.
MOST_ORDERS = 100


@page(VIEW)
@strict
def board(request: HttpRequest) -> HttpResponse:
    """The whole board, or one station's: `?station=grill`."""
    return render(
        request,
        "kitchen/board/board.html",
        {
            **_picture(request),
            **_around(request),
            "texts": {**texts(), **words.texts()},
            "stream": stream_url(request, "kitchen"),
            "menu": _menu(request),
        },
    )


@part(VIEW)
def cards(request: HttpRequest) -> HttpResponse:
    """The cards as they are now: of the orders asked for (`?order=…&order=…`), or all of them."""
    try:
        orders = [UUID(text) for text in request.GET.getlist("order")[:MOST_ORDERS]]
    except ValueError:
        return say("An order's id is a UUID.", status=400)
    return render(request, "kitchen/board/cards.html", _picture(request, orders or None))


@part(VIEW)
def around(request: HttpRequest) -> HttpResponse:
    """What stands around the cards: the pass, what was bumped last, the stations."""
    return render(request, "kitchen/board/around.html", _around(request))


@press(CHANGE)
def move(request: HttpRequest, ticket_id: int, name: str) -> HttpResponse:
    """Start, bump, recall or acknowledge a ticket; 409 says what it is instead, and by whom."""
    now = timezone.now()
    person = trail.person_of(request, via="kitchen_board")
    try:
        with trail.watch(person, Ticket, action=name, now=now):
            MOVES[name](ticket_id=ticket_id, now=now, by=name_of(request))
    except UnknownTicket:
        return say(str(UnknownTicket.text), status=404)
    except KitchenError as error:
        ticket = Ticket.objects.select_related("order", "station").get(pk=ticket_id)
        return say(words.why_not(error, ticket, now=timezone.now()), status=409)
    return say()


def _picture(request: HttpRequest, orders: list[UUID] | None = None) -> dict[str, Any]:
    now, station = timezone.now(), request.GET.get("station", "")
    return {
        "cards": picture.cards(now=now, station=station, orders=orders),
        "now": now,
        "station": station,
        "may_change": request.user.has_perm(CHANGE),
        "may_sell": bool(_menu(request)),
    }


def _around(request: HttpRequest) -> dict[str, Any]:
    now, station = timezone.now(), request.GET.get("station", "")
    stations = picture.stations()
    return {
        "now": now,
        "station": station,
        "stations": stations,
        "open_count": sum(one.open_count for one in stations),
        "passes": picture.passes(now=now),
        "bumped": picture.last_bumped(now=now, station=station),
        "may_change": request.user.has_perm(CHANGE),
    }


def _menu(request: HttpRequest) -> dict[str, str]:
    """Give where dishes are 86'd: nothing to who may not, or where this process has no menu."""
    if not request.user.has_perm(SELL):
        return {}
    try:
        return {
            "dishes": reverse("menu"),
            "availability": reverse("board-availability", args=["SKU"]),
        }
    except NoReverseMatch:
        return {}
