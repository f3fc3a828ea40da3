"""How long things took: cooking by station, the road by courier."""

from dataclasses import dataclass
from typing import NamedTuple

from restaurant.staff.dashboard import kinds, words
from restaurant.staff.dashboard.comparison import Comparison
from restaurant.staff.dashboard.histogram import percentile
from restaurant.staff.dashboard.links import Filters

HALF, MOST = 0.5, 0.9


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
class Pace:
    """How long something took at a station or with a courier, in seconds."""

    name: str
    count: int
    median: float | None
    most: float | None
    median_before: float | None
    link: str
    before_link: str

    @property
    def median_text(self) -> str:
        return words.duration(self.median)

    @property
    def most_text(self) -> str:
        return words.duration(self.most)

    @property
    def before_text(self) -> str:
        return words.duration(self.median_before)


def paces(of: Comparison, kind: str) -> list[Pace]:
    """Give those of whom something is done in the period, the slowest first."""
    this, that = of.this.buckets[kind], of.that.buckets[kind]
    done = TIMED[kind]
    found = [
        Pace(
            of.name(kind, key),
            sum(counts.values()),
            percentile(counts, HALF),
            percentile(counts, MOST),
            percentile(that.get(key, {}), HALF),
            *of.ways(done.model, done.moment, {**done.filters, done.whose: key}),
        )
        for key, counts in this.items()
    ]
    return sorted(found, key=lambda pace: (-(pace.median or 0), pace.name))
