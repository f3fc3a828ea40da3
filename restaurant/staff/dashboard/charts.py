"""The course of a period as Chart.js takes it; colours are named, and the page's theme has them."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from restaurant.staff.dashboard.course import Point


def orders(points: Sequence[Point], *, now: str, before: str) -> dict[str, Any]:
    """Give bars of orders, this period's beside those before."""
    return {
        "kind": "bar",
        "labels": [point.label for point in points],
        "series": [
            {"name": now, "tone": "main", "values": [_known(p, p.placed) for p in points]},
            {"name": before, "tone": "past", "values": [p.placed_before for p in points]},
        ],
    }


def takings(points: Sequence[Point], *, now: str, before: str, currency: str) -> dict[str, Any]:
    """Give lines of money added up, so that one sees whether the period is ahead."""
    taken = [*accumulate((p.taken for p in points), initial=Decimal(0))][1:]
    taken_before = [*accumulate((p.taken_before for p in points), initial=Decimal(0))][1:]
    sums = zip(points, taken, strict=True)
    return {
        "kind": "line",
        "currency": currency,
        "labels": [point.label for point in points],
        "series": [
            {"name": now, "tone": "main", "values": [_known(p, float(sum_)) for p, sum_ in sums]},
            {"name": before, "tone": "past", "values": [float(sum_) for sum_ in taken_before]},
        ],
    }


def summary(points: Sequence[Point]) -> str:
    """Say in a sentence what the chart of orders shows, for who cannot see it."""
    busiest = max(points, key=lambda point: point.placed)
    told = {
        "total": sum(point.placed for point in points),
        "before": sum(point.placed_before for point in points),
        "busiest": busiest.label,
        "most": busiest.placed,
    }
    return _("%(total)d orders, before %(before)d; the most, %(most)d, at %(busiest)s.") % told


def _known(point: Point, value: float) -> float | None:
    return None if point.is_ahead else value
