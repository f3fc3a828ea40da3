"""Counting the services' books over a stretch of time: what rollups are made of.

Each count is served by an index that is there for the service's own work. Orders have none by when
they were placed, which every order would pay for; but their ids are UUIDv7, which begin with the
time, so the index of ids finds them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, DecimalField, F, Max, Q, QuerySet, Sum

from delivery.models import Delivery
from kitchen.models import KitchenOrder, Ticket
from orders.models import ENDED, Order, OrderLine
from restaurant.ids import APART, first_id
from restaurant.staff.dashboard import kinds
from restaurant.staff.dashboard.histogram import bucket_of

ZERO = Decimal(0)
CENT = Decimal("0.01")
LONGEST_REASON = 120
# The kitchen ends an order at most so long after it was placed.
LONGEST = timedelta(days=2)
LOST = (Order.Status.CANCELLED, Order.Status.REJECTED, Order.Status.DELIVERY_FAILED)
KEPT = tuple(status for status in Order.Status if status not in LOST)
LINE_SUM: "DecimalField[Any, Any]" = DecimalField(max_digits=16, decimal_places=2)


class Row(NamedTuple):
    """A tally, of whatever stretch of time it was made."""

    kind: str
    key: str = ""
    bucket: int = 0
    label: str = ""
    number: int = 0
    amount: Decimal = ZERO


def count(service: str, start: datetime, end: datetime) -> list[Row]:
    """Count what a service's book says of a stretch of time, from `start` to before `end`.

    Raises `DatabaseError` when the book cannot be read.
    """
    if start >= end:
        return []
    return [row for row in _COUNTERS[service](start, end) if row.number]


def first_moment(service: str) -> datetime | None:
    """Give when the first thing was written that a service's book is counted by."""
    first: QuerySet[Any] = _FIRST[service]()
    return first.values_list("created_at", flat=True).first()


def lost_since(since: datetime, *, before: datetime) -> list[datetime]:
    """Give when orders were placed that were lost `since` then, of those placed `before`."""
    ended = Order.objects.filter(
        updated_at__gte=since, status_rank__gte=ENDED, created_at__lt=before
    )
    return list(_only(ended, LOST).order_by().values_list("created_at", flat=True))


def recalled_since(since: datetime, *, before: datetime) -> list[datetime]:
    """Give when tickets were first done that were recalled, and moved `since` then.

    Those only that were first done `before`.
    """
    recalled = Ticket.objects.filter(moved_at__gte=since, first_done_at__lt=before)
    return [
        moment for moment in recalled.order_by().values_list("first_done_at", flat=True) if moment
    ]


def placed(start: datetime, end: datetime) -> QuerySet[Order]:
    """Give the orders placed in a stretch of time."""
    return Order.objects.filter(
        public_id__gte=first_id(start - APART),
        public_id__lt=first_id(end + APART),
        created_at__gte=start,
        created_at__lt=end,
    ).order_by()


def _orders(start: datetime, end: datetime) -> Iterator[Row]:
    kept = ~Q(status__in=LOST)
    found = placed(start, end).aggregate(
        placed=Count("id"), sold=Count("id", filter=kept), takings=Sum("total", filter=kept)
    )
    yield Row(kinds.PLACED, number=found["placed"])
    if not found["placed"]:
        return
    yield Row(kinds.SOLD, number=found["sold"], amount=_money(found["takings"]))
    lines = OrderLine.objects.filter(order__in=placed(start, end).filter(kept))
    dishes = (
        lines.order_by()
        .values_list("sku")
        .annotate(
            last_name=Max("name"),
            portions=Sum("quantity"),
            money=Sum(F("quantity") * F("unit_price"), output_field=LINE_SUM),
        )
    )
    for sku, name, quantity, amount in dishes:
        yield Row(kinds.DISH, sku, label=name, number=quantity, amount=_money(amount))


def _kitchen(start: datetime, end: datetime) -> Iterator[Row]:
    ended = Ticket.objects.filter(done_at__gte=start, done_at__lt=end, started_at__isnull=False)
    done = _only(ended, [Ticket.Status.DONE]).order_by()
    yield from _durations(
        kinds.COOK, done.values_list("station_id", "station__name", "started_at", "done_at")
    )
    told = KitchenOrder.objects.filter(
        status__in=[KitchenOrder.Status.CANCELLED, KitchenOrder.Status.REJECTED],
        order_id__gte=first_id(start - LONGEST),
        order_id__lt=first_id(end + APART),
        updated_at__gte=start,
        updated_at__lt=end,
    ).order_by()
    # A status there is the kind here.
    yield from _reasons(told.values_list("status", "reason").annotate(Count("pk")))


def _delivery(start: datetime, end: datetime) -> Iterator[Row]:
    brought = Delivery.objects.filter(
        delivered_at__gte=start, delivered_at__lt=end, dispatched_at__isnull=False
    )
    done = _only(brought, [Delivery.Status.DELIVERED]).order_by()
    yield from _durations(
        kinds.DRIVE,
        done.values_list("courier_id", "courier__name", "dispatched_at", "delivered_at"),
    )
    tried = Delivery.objects.filter(failed_at__gte=start, failed_at__lt=end)
    failed = _only(tried, Delivery.GIVEN_UP).order_by()
    reasons = failed.values_list("failure_reason").annotate(Count("pk"))
    yield from _reasons((kinds.FAILED, reason, number) for reason, number in reasons)


def _only(rows: QuerySet[Any], statuses: Collection[str]) -> QuerySet[Any]:
    """Keep the rows of some statuses, by leaving out all others.

    By their names, SQLite would take the index on the status, and read years for an hour.
    """
    return rows.exclude(status__in=[one for one in rows.model.Status if one not in statuses])


def _durations(kind: str, rows: QuerySet[Any, Any]) -> Iterator[Row]:
    """Sort durations into buckets by whose they are; rows are key, name, began, ended."""
    counts: Counter[tuple[str, int]] = Counter()
    names: dict[str, str] = {}
    for key, name, began, ended in rows.iterator(chunk_size=5000):
        names[str(key)] = name
        counts[str(key), bucket_of((ended - began).total_seconds())] += 1
    for (key, bucket), number in counts.items():
        yield Row(kind, key, bucket, names[key], number)


def _reasons(rows: Iterable[tuple[str, str, int]]) -> Iterator[Row]:
    """Add up reasons that differ in nothing but what does not fit the column."""
    counts: Counter[tuple[str, str]] = Counter()
    for kind, reason, number in rows:
        counts[kind, reason[:LONGEST_REASON]] += number
    for (kind, reason), number in counts.items():
        yield Row(kind, reason, number=number)


def _money(amount: Decimal | None) -> Decimal:
    return (amount or ZERO).quantize(CENT)


_COUNTERS: dict[str, Callable[[datetime, datetime], Iterator[Row]]] = {
    "orders": _orders,
    "kitchen": _kitchen,
    "delivery": _delivery,
}
_FIRST: dict[str, Callable[[], QuerySet[Any]]] = {
    "orders": lambda: Order.objects.order_by("id"),
    "kitchen": lambda: KitchenOrder.objects.order_by("order_id"),
    "delivery": lambda: Delivery.objects.order_by("id"),
}
