"""The course of a period: orders and money by hour of a day, or by day, each with its list."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format

from restaurant.staff.dashboard import hours
from restaurant.staff.dashboard.comparison import Ways
from restaurant.staff.dashboard.counting import KEPT
from restaurant.staff.dashboard.links import Filters, Links
from restaurant.staff.dashboard.period import Period
from restaurant.staff.dashboard.totals import Totals

Span = tuple[datetime, datetime]
NOWHERE = Ways("", "")


@dataclass(frozen=True)
class Point:
    """An hour or a day, and the same before."""

    label: str
    placed: int
    placed_before: int
    taken: Decimal
    taken_before: Decimal
    # From when, and to before when, the orders of both were placed; empty where there is no time.
    span: Span | None
    span_before: Span | None
    # Of what is yet to come nothing is known.
    is_ahead: bool = False
    orders: Ways = NOWHERE
    takings: Ways = NOWHERE


def course(period: Period, before: Period, this: Totals, that: Totals) -> list[Point]:
    """Give the points in order; of a day, from its first busy hour to its last."""
    if period.is_one_day:
        return _hours(period, before, this, that)
    return _days(period, before, this, that)


def linked(points: list[Point], links: Links) -> list[Point]:
    """Give the points with the ways to their orders, and to those that their takings are of."""
    kept: Filters = {"status__exact": list(KEPT)}
    return [
        replace(point, orders=_ways(point, links, {}), takings=_ways(point, links, kept))
        for point in points
    ]


def _ways(point: Point, links: Links, filters: Filters) -> Ways:
    now, before = (
        links.to("orders.order", filters, between=("created_at", *span)) if span else ""
        for span in (point.span, point.span_before)
    )
    return Ways(now, before)


def _hours(period: Period, before: Period, this: Totals, that: Totals) -> list[Point]:
    """Compare by what the clock shows; an hour that comes twice is one."""
    placed, taken = _by(this, _clock_hour)
    placed_before, taken_before = _by(that, _clock_hour)
    busy = [*placed, *placed_before]
    if not busy:
        return []
    spans, spans_before = _spans_of_hours(period), _spans_of_hours(before)
    return [
        Point(
            f"{hour:02}:00",
            placed[hour],
            placed_before[hour],
            taken[hour],
            taken_before[hour],
            spans.get(hour),
            spans_before.get(hour),
            is_ahead=period.is_running and hour not in spans,
        )
        for hour in range(min(busy), max(busy) + 1)
    ]


def _spans_of_hours(period: Period) -> dict[int, Span]:
    """Give a day's hours by the clock, as far as the day is shown."""
    spans: dict[int, Span] = {}
    for start, end in hours.hours(period.start, period.end):
        hour = _clock_hour(start)
        spans[hour] = spans.get(hour, (start, end))[0], min(end, period.end)
    return spans


def _days(period: Period, before: Period, this: Totals, that: Totals) -> list[Point]:
    """Compare each day to the one as far from the beginning of the period before."""
    placed, taken = _by(this, hours.day_of)
    placed_before, taken_before = _by(that, hours.day_of)
    points = []
    for number in range((period.last - period.first).days + 1):
        day, then = (each.first + timedelta(days=number) for each in (period, before))
        points.append(
            Point(
                date_format(day, "D j M"),
                placed[day],
                placed_before[then],
                taken[day],
                taken_before[then],
                _span_of_day(day, period),
                _span_of_day(then, before),
            )
        )
    return points


def _span_of_day(day: date, period: Period) -> Span | None:
    start, end = hours.bounds(day)
    return (start, min(end, period.end)) if start < period.end else None


def _by(of: Totals, what: Callable[[datetime], Any]) -> tuple[dict[Any, int], dict[Any, Decimal]]:
    placed: dict[Any, int] = defaultdict(int)
    taken: dict[Any, Decimal] = defaultdict(Decimal)
    for at, count in of.placed_at.items():
        placed[what(at)] += count
    for at, amount in of.taken_at.items():
        taken[what(at)] += amount
    return placed, taken


def _clock_hour(at: datetime) -> int:
    return hours.local(at).hour
