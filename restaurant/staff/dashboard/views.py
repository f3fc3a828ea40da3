"""The dashboard's page, its two parts, its export, and the button that counts."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from restaurant.boards.access import page, part, press, say
from restaurant.boards.words import texts
from restaurant.csp import live
from restaurant.live.address import stream_url
from restaurant.staff.dashboard import (
    charts,
    course,
    export,
    figures,
    hours,
    now,
    period,
    rollup,
    state,
    words,
)
from restaurant.staff.dashboard.links import Links
from restaurant.staff.dashboard.period import BadPeriod, Period
from restaurant.staff.pages import show

VIEW = "staff.view_dashboard"
# How long one press counts; the page presses again while there is more.
COUNT_SECONDS = 3.0


@page(VIEW)
@live
def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole page, of a period: `?range=week`, or `?from=…&to=…`."""
    at = timezone.now()
    chosen, problem = _period(request, at)
    return show(
        request,
        "staff/dashboard/dashboard.html",
        title=_("Dashboard"),
        presets=period.PRESETS,
        problem=problem,
        stream=stream_url(request, "dashboard"),
        texts={**texts(), **_texts()},
        today=hours.day_of(at),
        **_now(request, at),
        **_figures(request, chosen),
    )


@part(VIEW)
def look(request: HttpRequest) -> HttpResponse:
    """The parts as they are now: how things stand, and with `?figures=1` the period's figures."""
    at = timezone.now()
    chosen, problem = _period(request, at)
    if problem:
        return say(problem, status=400)
    context = _now(request, at)
    if request.GET.get("figures"):
        context |= _figures(request, chosen)
    return render(request, "staff/dashboard/look.html", context)


@page(VIEW)
def download(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The period's figures as a file."""
    chosen, problem = _period(request, timezone.now())
    if problem:
        return HttpResponse(problem, status=400, content_type="text/plain; charset=utf-8")
    found = figures.read(chosen, links=Links(request.user))
    return export.answer(kind, found)


@press(VIEW)
def count(request: HttpRequest) -> HttpResponse:
    """Count what is new, for so long as a press may take; tells whether there is `more`."""
    try:
        is_done = rollup.catch_up(now=timezone.now(), seconds=COUNT_SECONDS)
    except DatabaseError:
        return say(_("A database does not answer: try again."), status=503)
    return JsonResponse({"say": _("Counted.") if is_done else "", "more": not is_done})


def _period(request: HttpRequest, at: Any) -> tuple[Period, str]:
    """Give the period asked for; what cannot be shown is today's, and what is wrong with it."""
    try:
        return period.read(request.GET, now=at), ""
    except BadPeriod as error:
        today = hours.day_of(at)
        return Period(today, today, at, "today"), str(error)


def _query(chosen: Period) -> str:
    if chosen.preset:
        return f"range={chosen.preset}"
    return f"from={chosen.first:%Y-%m-%d}&to={chosen.last:%Y-%m-%d}"


def _now(request: HttpRequest, at: Any) -> dict[str, Any]:
    found = now.look(now=at)
    return {"now": state.of(found, links=Links(request.user))}


def _figures(request: HttpRequest, chosen: Period) -> dict[str, Any]:
    links = Links(request.user)
    found = figures.read(chosen, links=links)
    points = course.linked(course.course(chosen, found.before, found.this, found.that), links)
    names = {"now": words.days(chosen), "before": words.compared(found.before)}
    return {
        "figures": found,
        "names": names,
        "points": points,
        "orders_chart": charts.orders(points, **names),
        "takings_chart": charts.takings(points, currency=settings.CURRENCY, **names),
        "chart_summary": charts.summary(points) if points else "",
        "fresh": _fresh(found),
        "time_zone": settings.TIME_ZONE,
        "query": _query(chosen),
        "export_url": reverse("staff:dashboard_export", args=["csv"]),
        "spreadsheet_url": reverse("staff:dashboard_export", args=["xlsx"]),
    }


def _fresh(found: figures.Figures) -> dict[str, str]:
    """Say how old the figures are."""
    if found.counted_until is None:
        return {"at": words.at(found.known_until), "counted": "", "age": ""}
    return {
        "at": words.at(found.known_until),
        "counted": words.at(found.counted_until),
        "age": words.age(found.period.now - found.counted_until),
    }


def _texts() -> dict[str, str]:
    return {
        "counting": _("Counting …"),
        "gone": _("You are signed out, or may no longer see this page."),
        "sign_in": _("Sign in"),
    }
