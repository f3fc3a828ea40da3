"""A period's figures beside those of the same weekdays before, each with the list behind it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import DatabaseError
from django.utils.translation import gettext as _

from delivery.models import Delivery
from orders.models import MenuItem, Order
from restaurant.admin_parts.money import number, shown
from restaurant.staff import books
from restaurant.staff.dashboard import kinds, rollup, totals, words
from restaurant.staff.dashboard.counting import LONGEST_REASON, LOST
from restaurant.staff.dashboard.histogram import percentile
from restaurant.staff.dashboard.links import Filters, Links
from restaurant.staff.dashboard.period import Period
from restaurant.staff.dashboard.totals import Totals

TOP_DISHES = 10
KEPT = [status for status in Order.Status if status not in LOST]
HALF, MOST = 0.5, 0.9
GIVEN_UP = [str(status) for status in Delivery.GIVEN_UP]


class Done(NamedTuple):
    """Where something that is timed is listed when it is done."""

    service: str
    model: str
    moment: str
    whose: str
    filters: Filters


TIMED = {
    kinds.COOK: Done(
        "kitchen", "kitchen.ticket", "done_at", "station__id__exact", {"status__exact": "done"}
    ),
    kinds.DRIVE: Done(
        "delivery",
        "delivery.delivery",
        "delivered_at",
        "courier__id__exact",
        {"status__exact": "delivered"},
    ),
}


@dataclass(frozen=True)
class Kpi:
    """A figure of the first row."""

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


@dataclass(frozen=True)
class Pace:
    """How long something took at a station or with a courier, in seconds."""

    name: str
    count: int
    median: float | None
    most: float | None
    median_before: float | None
    link: str

    @property
    def median_text(self) -> str:
        return words.duration(self.median)

    @property
    def most_text(self) -> str:
        return words.duration(self.most)

    @property
    def before_text(self) -> str:
        return words.duration(self.median_before)


@dataclass(frozen=True)
class Line:
    """A dish or a reason, and how often."""

    name: str
    count: int
    before: int
    link: str
    amount: str = ""
    kind: str = ""
    # Of the longest line, for its bar.
    percent: int = 0

    @property
    def kind_text(self) -> str:
        return words.kind(self.kind)


@dataclass
class Figures:
    """All of it, as the page and the exports show it."""

    period: Period
    before: Period
    this: Totals
    that: Totals
    known_until: datetime
    counted_until: datetime | None
    kpis: list[Kpi] = field(default_factory=list)
    stations: list[Pace] = field(default_factory=list)
    couriers: list[Pace] = field(default_factory=list)
    dishes: list[Line] = field(default_factory=list)
    never_sold: list[Line] = field(default_factory=list)
    lost: list[Line] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.this.counts[kinds.PLACED][""] or self.that.counts[kinds.PLACED][""])

    @property
    def is_behind(self) -> bool:
        """Whether something is there that waits to be counted."""
        waits = totals.NOT_COUNTED in (*self.this.unknown.values(), *self.that.unknown.values())
        return waits or bool(self.this.behind)


def read(period: Period, *, links: Links) -> Figures:
    """Read a period's figures from rollups and books."""
    counted = rollup.freshness()
    this = totals.read(period.start, period.end, counted=counted, by_hour=period.is_one_day)
    known_until = min([period.end, *this.behind.values()])
    before = period.before(until=known_until)
    that = totals.read(before.start, before.end, counted=counted, by_hour=before.is_one_day)
    untils = [one.until for one in counted.values() if one.until]
    found = Figures(period, before, this, that, known_until, min(untils) if untils else None)
    found.unknown = {s: words.unknown(this.unknown, s) for s in this.unknown}
    fill = _Filling(found, links)
    fill.all()
    return found


@dataclass
class _Filling:
    """Makes figures of totals."""

    to: Figures
    links: Links

    def all(self) -> None:
        self._kpis()
        self.to.stations = self._paces(kinds.COOK)
        self.to.couriers = self._paces(kinds.DRIVE)
        self._dishes()
        self.to.lost = self._lost()

    def _kpis(self) -> None:
        lost: Filters = {"status__exact": [str(status) for status in LOST]}
        kept: Filters = {"status__exact": [str(status) for status in KEPT]}
        self.to.kpis = [
            self._kpi("takings", _("Takings"), _takings, shown, "orders", kept),
            self._kpi("orders", _("Orders"), _placed, number, "orders", {}),
            self._kpi("average", _("Average order"), _average, shown, "orders", kept),
            self._kpi("lost", _("Cancelled or lost"), _lost_count, number, "orders", lost, False),
            self._time("cooking", _("Cooking, median"), kinds.COOK),
            self._time("delivery", _("On the road, median"), kinds.DRIVE),
        ]

    def _kpi(
        self,
        name: str,
        title: str,
        measure: Callable[[Totals], Decimal | int | None],
        text: Callable[..., str],
        service: str,
        filters: Filters,
        more_is_good: bool = True,
    ) -> Kpi:
        this, that = self.to.this, self.to.that
        value = measure(this) if this.knows(service) else None
        before = measure(that) if that.knows(service) else None
        return Kpi(
            name,
            title,
            "–" if value is None else text(value),  # noqa: RUF001
            "" if before is None else text(before),
            words.change(value, before),
            more_is_good,
            self._link("orders.order", "created_at", filters),
            self._link("orders.order", "created_at", filters, of=self.to.before),
            self.to.unknown.get(service, ""),
        )

    def _time(self, name: str, title: str, kind: str) -> Kpi:
        done = TIMED[kind]
        value, before = (
            percentile(_all(each, kind), HALF) for each in (self.to.this, self.to.that)
        )
        return Kpi(
            name,
            title,
            words.duration(value),
            "" if before is None else words.duration(before),
            words.change(value, before),
            more_is_good=False,
            link=self._link(done.model, done.moment, done.filters),
            before_link=self._link(done.model, done.moment, done.filters, of=self.to.before),
            unknown=self.to.unknown.get(done.service, ""),
        )

    def _paces(self, kind: str) -> list[Pace]:
        this, that = self.to.this.buckets[kind], self.to.that.buckets[kind]
        done = TIMED[kind]
        found = [
            Pace(
                name=self._name(kind, key),
                count=sum(counts.values()),
                median=percentile(counts, HALF),
                most=percentile(counts, MOST),
                median_before=percentile(that.get(key, {}), HALF),
                link=self._link(done.model, done.moment, {**done.filters, done.whose: key}),
            )
            for key, counts in this.items()
        ]
        return sorted(found, key=lambda pace: (-(pace.median or 0), pace.name))

    def _dishes(self) -> None:
        this, that = self.to.this, self.to.that
        sold = this.counts[kinds.DISH]
        top = sorted(sold.items(), key=lambda item: (-item[1], item[0]))[:TOP_DISHES]
        longest = max((count for _sku, count in top), default=1)
        self.to.dishes = [
            Line(
                name=self._name(kinds.DISH, sku),
                count=count,
                before=that.counts[kinds.DISH][sku],
                link=self._link("orders.orderline", "order__created_at", {"q": sku}),
                amount=shown(this.amounts[kinds.DISH][sku]),
                percent=round(100 * count / longest),
            )
            for sku, count in top
        ]
        if this.knows("orders") and books.has("orders"):
            self.to.never_sold = self._never_sold(set(sold))

    def _never_sold(self, sold: set[str]) -> list[Line]:
        try:
            menu = list(MenuItem.objects.order_by("name").values_list("pk", "sku", "name"))
        except DatabaseError:
            return []
        return [
            Line(
                name, 0, self.to.that.counts[kinds.DISH][sku], self.links.row("orders.menuitem", pk)
            )
            for pk, sku, name in menu
            if sku not in sold
        ]

    def _lost(self) -> list[Line]:
        this, that = self.to.this, self.to.that
        found: list[tuple[int, str, str]] = [
            (count, kind, reason)
            for kind in kinds.LOST
            for reason, count in this.counts[kind].items()
            if count
        ]
        found.sort(key=lambda one: (-one[0], one[1:]))
        longest = max((count for count, _kind, _reason in found), default=1)
        return [
            Line(
                name=words.reason(reason),
                count=count,
                before=that.counts[kind][reason],
                link=self._lost_link(kind, reason),
                kind=kind,
                percent=round(100 * count / longest),
            )
            for count, kind, reason in found
        ]

    def _lost_link(self, kind: str, reason: str) -> str:
        by: Filters
        lookup = "startswith" if len(reason) >= LONGEST_REASON else "exact"
        if kind == kinds.FAILED:
            by = {"status__exact": GIVEN_UP, f"failure_reason__{lookup}": reason}
            return self._link("delivery.delivery", "failed_at", by)
        by = {"status__exact": kind, f"reason__{lookup}": reason}
        return self._link("kitchen.kitchenorder", "updated_at", by)

    def _name(self, kind: str, key: str) -> str:
        return self.to.this.labels.get((kind, key)) or self.to.that.labels.get((kind, key)) or key

    def _link(self, model: str, moment: str, filters: Filters, *, of: Period | None = None) -> str:
        period = of or self.to.period
        return self.links.to(model, filters, between=(moment, period.start, period.end))


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
