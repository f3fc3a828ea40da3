"""A period's figures beside those of the same weekdays before, each with the list behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from restaurant.staff.dashboard import kinds, ranks, rollup, totals, words
from restaurant.staff.dashboard.comparison import Comparison
from restaurant.staff.dashboard.kpis import Kpi, kpis
from restaurant.staff.dashboard.links import Links
from restaurant.staff.dashboard.models import Counted
from restaurant.staff.dashboard.paces import Pace, paces
from restaurant.staff.dashboard.period import Period
from restaurant.staff.dashboard.ranks import Line
from restaurant.staff.dashboard.totals import Totals

# A rollup that ends while tallies are read has counted what is then counted on the spot as well:
# they are read again. It runs once a minute; while it catches up with days, numbers move anyway.
TRIES = 3


@dataclass(frozen=True)
class Figures:
    """All of it, as the page and the exports show it."""

    period: Period
    before: Period
    this: Totals
    that: Totals
    known_until: datetime
    counted_until: datetime | None
    kpis: list[Kpi]
    stations: list[Pace]
    couriers: list[Pace]
    dishes: list[Line]
    never_sold: list[Line]
    never_sold_link: str
    lost: list[Line]
    unknown: dict[str, str]

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
    for _ in range(TRIES):
        this, before, that, known_until = _add_up(period, counted)
        then, counted = counted, rollup.freshness()
        if _moments(then) == _moments(counted):
            break
    unknown = {service: words.unknown(this.unknown, service) for service in this.unknown}
    both = Comparison(period, before, this, that, links, unknown)
    never_sold = ranks.never_sold(both)
    return Figures(
        period,
        before,
        this,
        that,
        known_until,
        min((one.until for one in counted.values() if one.until), default=None),
        kpis=kpis(both),
        stations=paces(both, kinds.COOK),
        couriers=paces(both, kinds.DRIVE),
        dishes=ranks.top_dishes(both),
        never_sold=never_sold,
        never_sold_link=ranks.never_sold_link(both, never_sold),
        lost=ranks.lost(both),
        unknown=unknown,
    )


def _add_up(
    period: Period, counted: Mapping[str, Counted]
) -> tuple[Totals, Period, Totals, datetime]:
    """Give a period's totals, the period before, its totals, and until when it is all known."""
    this = totals.read(period.start, period.end, counted=counted, by_hour=period.is_one_day)
    known_until = min([period.end, *this.behind.values()])
    before = period.before(until=known_until)
    that = totals.read(before.start, before.end, counted=counted, by_hour=before.is_one_day)
    return this, before, that, known_until


def _moments(counted: Mapping[str, Counted]) -> dict[str, tuple[datetime | None, ...]]:
    return {name: (one.since, one.until, one.looked_at) for name, one in counted.items()}
