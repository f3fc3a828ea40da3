"""What a period comes to: rollups for what was counted ahead, and the books for the rest.

The rest is what came since the last count, and, of a day that is compared up to a time, the part of
its last hour. Each is an hour or so, and counted in milliseconds.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import DatabaseError
from django.db.models import Max, Sum

from restaurant.staff import books
from restaurant.staff.dashboard import counting, hours, kinds
from restaurant.staff.dashboard.counting import CENT, Row
from restaurant.staff.dashboard.models import Counted, DayTally, HourTally

# What came since the last count is counted on the spot when it is no longer than this.
LIVE = timedelta(hours=2)
NOT_HERE, AWAY, NOT_COUNTED = "not here", "away", "not counted"


@dataclass
class Totals:
    """Counts and sums of a period, by kind and key."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    amounts: dict[str, dict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    buckets: dict[str, dict[str, Counter[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    # Orders placed, and money taken, by the beginning of an hour or a day.
    placed_at: Counter[datetime] = field(default_factory=Counter)
    taken_at: dict[datetime, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    # By service: why nothing is known of it.
    unknown: dict[str, str] = field(default_factory=dict)
    # By service that is behind: until when it is known.
    behind: dict[str, datetime] = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        for kind, key, bucket, label, number, amount in rows:
            self.counts[kind][key] += int(number)
            self.amounts[kind][key] += amount.quantize(CENT)
            self.labels[kind, key] = label or self.labels.get((kind, key), "")
            if kind in kinds.TIMED:
                self.buckets[kind][key][bucket] += int(number)

    def add_at(self, at: datetime, rows: Iterable[Row]) -> None:
        """Take orders and money for the course of time too."""
        for row in rows:
            if row.kind == kinds.PLACED:
                self.placed_at[at] += int(row.number)
            elif row.kind == kinds.SOLD:
                self.taken_at[at] += row.amount.quantize(CENT)

    def knows(self, service: str) -> bool:
        return service not in self.unknown


def read(
    start: datetime, end: datetime, *, counted: Mapping[str, Counted], by_hour: bool
) -> Totals:
    """Add up a period, which begins with a local day; `by_hour` for the course of a day."""
    totals = Totals()
    for service in books.PIPELINE:
        if not books.has(service):
            totals.unknown[service] = NOT_HERE
            continue
        try:
            _Reading(totals, service, by_hour).read(start, end, counted.get(service))
        except DatabaseError:
            totals.unknown[service] = AWAY
    return totals


@dataclass
class _Reading:
    """One service's part of the totals."""

    totals: Totals
    service: str
    by_hour: bool

    def read(self, start: datetime, end: datetime, counted: Counted | None) -> None:
        until = counted.until if counted else None
        if until is None:
            self._uncounted(start, end)
            return
        covered = min(end, until)
        if end - until > LIVE and start < until:
            self.totals.behind[self.service] = until
        elif end - until > LIVE:
            self.totals.unknown[self.service] = NOT_COUNTED
        else:
            self._live(max(start, until), end)
        if start < covered:
            self._rolled(start, covered, is_open=covered == until)

    def _uncounted(self, start: datetime, end: datetime) -> None:
        first = counting.first_moment(self.service)
        if first is None or first >= end:
            return
        if end - first > LIVE:
            self.totals.unknown[self.service] = NOT_COUNTED
        else:
            self._live(max(start, first), end)

    def _rolled(self, start: datetime, covered: datetime, *, is_open: bool) -> None:
        days_end = start if self.by_hour else max(start, hours.bounds(hours.day_of(covered))[0])
        if start < days_end:
            self._tallies(DayTally, start, days_end)
        # The hour that is still counted has its row too; of one that is over, a part is not there.
        hours_end = covered if is_open else hours.hour_of(covered)
        if days_end < hours_end:
            self._tallies(HourTally, days_end, hours_end)
        if not is_open:
            self._live(max(hours_end, days_end), covered)

    def _tallies(
        self, model: type[HourTally] | type[DayTally], start: datetime, end: datetime
    ) -> None:
        mine: Collection[str] = kinds.BY_SERVICE[self.service]
        rows = model.objects.filter(at__gte=start, at__lt=end, kind__in=mine).order_by()
        sums = rows.values_list("kind", "key", "bucket").annotate(
            Max("label"), Sum("count"), Sum("amount")
        )
        self.totals.add(map(Row._make, sums))
        if self.service == "orders":
            course = rows.filter(kind__in=(kinds.PLACED, kinds.SOLD))
            for at, *row in course.values_list(
                "at", "kind", "key", "bucket", "label", "count", "amount"
            ):
                self.totals.add_at(at, [Row._make(row)])

    def _live(self, start: datetime, end: datetime) -> None:
        for begins, ends in hours.hours(start, end):
            rows = counting.count(self.service, max(begins, start), min(ends, end))
            self.totals.add(rows)
            self.totals.add_at(begins, rows)
