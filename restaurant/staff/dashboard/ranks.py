"""What is ranked by how often: dishes sold, and why orders were lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError

from delivery.models import Delivery
from orders.models import MenuItem
from restaurant.admin_parts.money import shown
from restaurant.staff import books
from restaurant.staff.dashboard import kinds, words
from restaurant.staff.dashboard.comparison import Comparison, Ways
from restaurant.staff.dashboard.counting import KEPT, LONGEST_REASON
from restaurant.staff.dashboard.links import Filters

TOP_DISHES = 10
GIVEN_UP = [str(status) for status in Delivery.GIVEN_UP]


@dataclass(frozen=True)
class Line:
    """A dish or a reason, and how often."""

    name: str
    count: int
    before: int
    link: str
    before_link: str = ""
    amount: str = ""
    kind: str = ""
    # Of the longest line, for its bar.
    percent: int = 0
    # Of a dish of the menu.
    pk: int | None = None

    @property
    def kind_text(self) -> str:
        return words.kind(self.kind)


def top_dishes(of: Comparison) -> list[Line]:
    """Give the dishes of which most portions were sold, of orders that were not lost."""
    this, that = of.this, of.that
    sold = this.counts[kinds.DISH]
    top = sorted(sold.items(), key=lambda item: (-item[1], item[0]))[:TOP_DISHES]
    longest = max((count for _sku, count in top), default=1)
    return [
        Line(
            of.name(kinds.DISH, sku),
            count,
            that.counts[kinds.DISH][sku],
            *_ways_to_dish(of, sku),
            amount=shown(this.amounts[kinds.DISH][sku]),
            percent=round(100 * count / longest),
        )
        for sku, count in top
    ]


def never_sold(of: Comparison) -> list[Line]:
    """Give the dishes of the menu that were not sold; none when that is not known."""
    if not of.this.knows("orders") or not books.has("orders"):
        return []
    sold, sold_before = of.this.counts[kinds.DISH], of.that.counts[kinds.DISH]
    try:
        menu = list(MenuItem.objects.order_by("name").values_list("pk", "sku", "name"))
    except DatabaseError:
        return []
    return [
        Line(name, 0, sold_before[sku], of.links.row("orders.menuitem", pk), pk=pk)
        for pk, sku, name in menu
        if sku not in sold
    ]


def never_sold_link(of: Comparison, unsold: Sequence[Line]) -> str:
    """Give the way to the menu's list of these dishes."""
    # No dish has the number 0: of none, the list is empty.
    keys = ",".join(str(line.pk) for line in unsold) or "0"
    return of.links.to("orders.menuitem", {"id__in": keys})


def lost(of: Comparison) -> list[Line]:
    """Give the reasons for which orders were cancelled, rejected or given up."""
    found = [
        (count, kind, reason)
        for kind in kinds.LOST
        for reason, count in of.this.counts[kind].items()
        if count
    ]
    found.sort(key=lambda one: (-one[0], one[1:]))
    longest = max((count for count, _kind, _reason in found), default=1)
    return [
        Line(
            words.reason(reason),
            count,
            of.that.counts[kind][reason],
            *_ways_to_lost(of, kind, reason),
            kind=kind,
            percent=round(100 * count / longest),
        )
        for count, kind, reason in found
    ]


def _ways_to_dish(of: Comparison, sku: str) -> Ways:
    by: Filters = {"sku__exact": sku, "order__status__exact": list(KEPT)}
    return of.ways("orders.orderline", "order__created_at", by)


def _ways_to_lost(of: Comparison, kind: str, reason: str) -> Ways:
    by: Filters
    lookup = "startswith" if len(reason) >= LONGEST_REASON else "exact"
    if kind == kinds.FAILED:
        by = {"status__exact": GIVEN_UP, f"failure_reason__{lookup}": reason}
        return of.ways("delivery.delivery", "failed_at", by)
    by = {"status__exact": kind, f"reason__{lookup}": reason}
    return of.ways("kitchen.kitchenorder", "updated_at", by)
