"""The figures of the first row."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from restaurant.admin_parts.money import number, shown
from restaurant.staff.dashboard import kinds, words
from restaurant.staff.dashboard.comparison import Comparison
from restaurant.staff.dashboard.counting import KEPT, LOST
from restaurant.staff.dashboard.histogram import percentile
from restaurant.staff.dashboard.links import Filters
from restaurant.staff.dashboard.paces import HALF, TIMED
from restaurant.staff.dashboard.totals import Totals


@dataclass(frozen=True)
class Kpi:
    """A figure and how it compares."""

    name: str
    title: str
    value: str
    before: str
    change: float | None
    # Whether more is better, or less.
    more_is_good: bool
    link: str = ""
    before_link: str = ""
    unknown: str = ""

    @property
    def change_text(self) -> str:
        return "" if self.change is None else f"{abs(self.change) * 100:.0f}%"

    @property
    def tone(self) -> str:
        if self.change is None or abs(self.change) < 0.005:
            return "same"
        return "good" if (self.change > 0) == self.more_is_good else "bad"


def kpis(of: Comparison) -> list[Kpi]:
    """Give money and orders, then times."""
    lost: Filters = {"status__exact": list(LOST)}
    kept: Filters = {"status__exact": list(KEPT)}
    return [
        _of_orders(of, "takings", _("Takings"), _takings, shown, kept),
        _of_orders(of, "orders", _("Orders"), _placed, number, {}),
        _of_orders(of, "average", _("Average order"), _average, shown, kept),
        _of_orders(of, "lost", _("Cancelled or lost"), _lost_count, number, lost, False),
        _of_times(of, "cooking", _("Cooking, median"), kinds.COOK),
        _of_times(of, "delivery", _("On the road, median"), kinds.DRIVE),
    ]


def _of_orders(
    of: Comparison,
    name: str,
    title: str,
    measure: Callable[[Totals], Decimal | int | None],
    text: Callable[..., str],
    filters: Filters,
    more_is_good: bool = True,
) -> Kpi:
    value, before = of.measured("orders", measure)
    return Kpi(
        name,
        title,
        "–" if value is None else text(value),  # noqa: RUF001
        "" if before is None else text(before),
        words.change(value, before),
        more_is_good,
        *of.ways("orders.order", "created_at", filters),
        of.unknown.get("orders", ""),
    )


def _of_times(of: Comparison, name: str, title: str, kind: str) -> Kpi:
    done = TIMED[kind]
    value, before = (percentile(_all(each, kind), HALF) for each in (of.this, of.that))
    return Kpi(
        name,
        title,
        words.duration(value),
        "" if before is None else words.duration(before),
        words.change(value, before),
        False,
        *of.ways(done.model, done.moment, done.filters),
        of.unknown.get(done.service, ""),
    )


def _takings(of: Totals) -> Decimal:
    return of.amounts[kinds.SOLD][""]


def _placed(of: Totals) -> int:
    return of.counts[kinds.PLACED][""]


def _average(of: Totals) -> Decimal | None:
    sold = of.counts[kinds.SOLD][""]
    return of.amounts[kinds.SOLD][""] / sold if sold else None


def _lost_count(of: Totals) -> int:
    return of.counts[kinds.PLACED][""] - of.counts[kinds.SOLD][""]


def _all(of: Totals, kind: str) -> Counter[int]:
    counts: Iterable[Counter[int]] = of.buckets[kind].values()
    return sum(counts, Counter())
