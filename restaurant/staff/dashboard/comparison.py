"""A period beside the one before, and the ways to the lists behind the numbers of both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from restaurant.staff.dashboard.links import Filters, Links
from restaurant.staff.dashboard.period import Period
from restaurant.staff.dashboard.totals import Totals

T = TypeVar("T")


class Ways(NamedTuple):
    """Addresses of a list: its rows of the period, and those of the one before."""

    now: str
    before: str


@dataclass(frozen=True)
class Comparison:
    """What both periods come to; what is not known of this one stands in `unknown`, by service."""

    period: Period
    before: Period
    this: Totals
    that: Totals
    links: Links
    unknown: dict[str, str] = field(default_factory=dict)

    def measured(self, service: str, measure: Callable[[Totals], T]) -> tuple[T | None, T | None]:
        """Measure both; None where the service's book is not known."""
        this, that = (
            measure(each) if each.knows(service) else None for each in (self.this, self.that)
        )
        return this, that

    def name(self, kind: str, key: str) -> str:
        """Give a key's name as it was last seen."""
        return self.this.labels.get((kind, key)) or self.that.labels.get((kind, key)) or key

    def ways(self, model: str, moment: str, filters: Filters) -> Ways:
        """Give the ways to a model's rows whose `moment` lies in the periods."""
        now, before = (
            self.links.to(model, filters, between=(moment, each.start, each.end))
            for each in (self.period, self.before)
        )
        return Ways(now, before)
