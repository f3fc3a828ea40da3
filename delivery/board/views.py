"""The board's page, its parts, and its buttons. Rules are in `delivery.services`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery import services
from delivery.board import picture, pressed, words
from delivery.errors import (
    CourierUnavailable,
    DeliveryError,
    ShiftUnchanged,
    UnknownCourier,
    UnknownDelivery,
)
from delivery.models import Courier, Delivery
from restaurant import trail
from restaurant.boards.access import name_of, page, part, press, say
from restaurant.boards.words import texts
from restaurant.csp import strict
from restaurant.live.address import stream_url

VIEW, CHANGE, SHIFTS = (
    "delivery.view_delivery",
    "delivery.change_delivery",
    "delivery.change_courier",
)
SEEN = {"seen": "seen_courier_id"}
# What a button does, and what of the press it takes under which name.
MOVES: dict[str, tuple[Callable[..., None], dict[str, str]]] = {
    "assign": (services.assign, {"courier": "courier_id", **SEEN}),
    "unassign": (services.unassign, SEEN),
    "release": (services.release, {}),
    "pick_up": (services.pick_up, SEEN),
    "deliver": (services.deliver, SEEN),
    "fail": (services.fail, {"reason": "reason", **SEEN}),
    "give_up": (services.cancel, {"reason": "reason", "status": "seen_status", **SEEN}),
}
# Orders that a board may ask for at once; for more it asks for all.
MOST_ORDERS = 100


@page(VIEW)
@strict
def board(request: HttpRequest) -> HttpResponse:
    """The whole board."""
    return render(
        request,
        "delivery/board/board.html",
        {
            **_picture(request),
            **_around(request),
            "reasons": words.REASONS,
            "texts": {**texts(), **words.texts()},
            "stream": stream_url(request, "delivery"),
        },
    )


@part(VIEW)
def cards(request: HttpRequest) -> HttpResponse:
    """The cards as they are now: of the orders asked for (`?order=…&order=…`), or all of them."""
    try:
        orders = [UUID(text) for text in request.GET.getlist("order")[:MOST_ORDERS]]
    except ValueError:
        return say("An order's id is a UUID.", status=400)
    return render(request, "delivery/board/cards.html", _picture(request, orders or None))


@part(VIEW)
def around(request: HttpRequest) -> HttpResponse:
    """What stands around the cards: the couriers, and how much more there is."""
    return render(request, "delivery/board/around.html", _around(request))


@press(CHANGE)
def move(request: HttpRequest, delivery_id: int, name: str) -> HttpResponse:
    """Move a delivery and give its `card`; 409 says what it is instead, and who was first."""
    deed, taken = MOVES[name]
    try:
        given = pressed.read(request).pick(taken)
    except pressed.BadPress:
        return _no_press()
    now = timezone.now()
    try:
        with _watch(request, name, now=now, reason=given.get("reason", "")):
            deed(delivery_id=delivery_id, now=now, by=name_of(request), **given)
    except (UnknownDelivery, UnknownCourier):
        return _gone()
    except CourierUnavailable:
        courier = Courier.objects.get(pk=given["courier_id"])
        return say(words.why_no_courier(courier, now=timezone.now()), status=409)
    except DeliveryError:
        delivery = Delivery.objects.select_related("courier").get(pk=delivery_id)
        return say(words.who_was_first(delivery, now=timezone.now()), status=409)
    return JsonResponse({"say": "", "card": _card(request, delivery_id)})


@press(SHIFTS)
def start_shift(request: HttpRequest, courier_id: UUID) -> HttpResponse:
    """Start a courier's shift; 409 says who did."""
    return _change_shift(request, courier_id, services.start_shift)


@press(SHIFTS)
def end_shift(request: HttpRequest, courier_id: UUID) -> HttpResponse:
    """End a courier's shift; `freed` has the keys of the deliveries that wait again."""
    return _change_shift(request, courier_id, services.end_shift)


@press(SHIFTS)
def undo_end_shift(request: HttpRequest, courier_id: UUID) -> HttpResponse:
    """Start a shift again; those who may move deliveries give back what its end had freed."""
    try:
        freed = pressed.read(request).freed if request.user.has_perm(CHANGE) else []
    except pressed.BadPress:
        return _no_press()
    return _change_shift(request, courier_id, services.undo_end_shift, freed=freed)


def _change_shift(
    request: HttpRequest, courier_id: UUID, deed: Callable[..., Any], **more: object
) -> HttpResponse:
    now = timezone.now()
    try:
        with _watch(request, deed.__name__, now=now):
            made = deed(courier_id=courier_id, now=now, by=name_of(request), **more)
    except UnknownCourier:
        return _gone()
    except ShiftUnchanged:
        courier = Courier.objects.get(pk=courier_id)
        return say(words.who_changed_shift(courier, now=timezone.now()), status=409)
    return JsonResponse({"say": "", "freed": made if isinstance(made, list) else []})


def _watch(
    request: HttpRequest, action: str, *, now: datetime, reason: str = ""
) -> AbstractContextManager[None]:
    person = trail.person_of(request, via="dispatch_board")
    return trail.watch(person, Delivery, action=action, now=now, reason=reason)


def _no_press() -> HttpResponse:
    return say(_("Not done: the board asked for something that cannot be."), status=400)


def _gone() -> HttpResponse:
    return say(_("Not done: it is not there any more."), status=404)


def _card(request: HttpRequest, delivery_id: int) -> str:
    """Give a card's HTML; nothing when the board shows it no more."""
    card = picture.card(delivery_id, now=timezone.now())
    if card is None:
        return ""
    context = {"card": card, "may_change": request.user.has_perm(CHANGE)}
    return render_to_string("delivery/board/card.html", context, request)


def _picture(request: HttpRequest, orders: list[UUID] | None = None) -> dict[str, Any]:
    now = timezone.now()
    return {
        "cards": picture.cards(now=now, orders=orders),
        "now": now,
        "may_change": request.user.has_perm(CHANGE),
    }


def _around(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    return {
        "now": now,
        "people": picture.people(now=now),
        "hidden": picture.hidden(),
        "may_change": request.user.has_perm(CHANGE),
        "may_change_shifts": request.user.has_perm(SHIFTS),
    }
