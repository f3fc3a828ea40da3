"""The course of a period: orders and money by hour of a day, or by day."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format

from restaurant.staff.dashboard import hours
from restaurant.staff.dashboard.period import Period
from restaurant.staff.dashboard.totals import Totals


@dataclass(frozen=True)
class Point:
    """An hour or a day, and the same before."""

    label: str
    placed: int
    placed_before: int
    taken: Decimal
    taken_before: Decimal
    # Of what is yet to come nothing is known.
    is_ahead: bool = False


def course(period: Period, before: Period, this: Totals, that: Totals) -> list[Point]:
    """Give the points in order; of a day, from its first busy hour to its last."""
    if period.is_one_day:
        return _hours(period, this, that)
    return _days(period, before, this, that)


def _hours(period: Period, this: Totals, that: Totals) -> list[Point]:
    """Compare by what the clock shows; an hour that comes twice is one."""
    placed, taken = _by(this, _clock_hour)
    placed_before, taken_before = _by(that, _clock_hour)
    busy = [*placed, *placed_before]
    if not busy:
        return []
    ends = 24 if not period.is_running else hours.local(period.now).hour
    return [
        Point(
            f"{hour:02}:00",
            placed[hour],
            placed_before[hour],
            taken[hour],
            taken_before[hour],
            is_ahead=hour > ends,
        )
        for hour in range(min(busy), max(busy) + 1)
    ]


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
            )
        )
    return points


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
