"""The dashboard's figures are those of the books, whatever was rolled up and when."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import override_settings

from kitchen import services as kitchen
from kitchen.models import Ticket
from orders.models import Order
from restaurant.staff.dashboard import figures, hours, kinds, rollup, totals
from restaurant.staff.dashboard.histogram import ERROR, percentile
from restaurant.staff.dashboard.links import Links
from restaurant.staff.dashboard.models import Counted, DayTally, HourTally
from restaurant.staff.dashboard.period import Period
from restaurant.staff.dashboard.totals import Totals
from tests.staff import random_books, rows
from tests.staff.random_books import Answer, Books

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])

# A Tuesday; the clocks of Europe and America were changed some weeks before.
NOW = datetime(2026, 11, 24, 12, 37, 21, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns")


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    with override_settings(TIME_ZONE=request.param):
        yield request.param


def read(period: Period) -> Totals:
    return totals.read(
        period.start, period.end, counted=rollup.freshness(), by_hour=period.is_one_day
    )


def check(found: Totals, wanted: Answer, by: Any) -> None:
    """Compare all there is; durations to within the histogram's error."""
    assert not found.unknown
    assert found.counts[kinds.PLACED][""] == wanted.placed
    assert found.counts[kinds.SOLD][""] == wanted.sold
    assert found.amounts[kinds.SOLD][""] == wanted.takings
    dishes = {
        sku: (count, found.amounts[kinds.DISH][sku])
        for sku, count in found.counts[kinds.DISH].items()
    }
    assert dishes == wanted.dishes
    lost = {(kind, key): n for kind in kinds.LOST for key, n in found.counts[kind].items()}
    assert lost == wanted.lost
    for kind, took in ((kinds.COOK, wanted.cooking), (kinds.DRIVE, wanted.driving)):
        assert found.buckets[kind].keys() == took.keys()
        for key, values in took.items():
            for share in (0.5, 0.9):
                exact = values[max(0, math.ceil(share * len(values)) - 1)]
                told = percentile(found.buckets[kind][key], share)
                assert told == pytest.approx(exact, rel=ERROR + 1e-9)
    course: dict[Any, int] = {}
    for at, count in found.placed_at.items():
        course[by(at)] = course.get(by(at), 0) + count
    assert course == wanted.by


def check_period(books: Books, period: Period) -> None:
    by = hours.hour_of if period.is_one_day else hours.day_of
    check(read(period), random_books.count(books, period.start, period.end, by), by)


def periods(now: datetime) -> list[Period]:
    today = hours.day_of(now)
    found = [
        Period(today, today, now),
        Period(today - timedelta(days=1), today - timedelta(days=1), now),
        Period(today - timedelta(days=6), today, now),
        Period(today - timedelta(days=20), today - timedelta(days=3), now),
    ]
    return found + [period.before(until=period.end) for period in found]


@pytest.mark.parametrize("counted", [timedelta(0), timedelta(seconds=50), timedelta(minutes=70)])
def test_it_gives_what_counting_every_row_gives(zone: str, counted: timedelta) -> None:
    books = random_books.fill(NOW - timedelta(days=30), NOW, count=400, seed=len(zone))
    rollup.catch_up(now=NOW - counted)
    for period in periods(NOW):
        check_period(books, period)


@pytest.mark.parametrize(
    ("zone_name", "change"),
    [
        ("Europe/Berlin", date(2026, 10, 25)),
        ("Europe/Berlin", date(2026, 3, 29)),
        # Half an hour, and a midnight that is left out.
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        # Past: a government that keeps one time for the year changes no year before it.
        ("America/Havana", date(2025, 3, 9)),
        ("America/Havana", date(2025, 11, 2)),
    ],
)
def test_it_adds_up_days_on_which_clocks_are_changed(zone_name: str, change: date) -> None:
    with override_settings(TIME_ZONE=zone_name):
        start, end = hours.start_of(change), hours.bounds(change)[1]
        assert end - start != timedelta(days=1)
        books = random_books.fill(
            start - timedelta(hours=3), end + timedelta(hours=3), count=150, seed=7
        )
        now = end + timedelta(hours=5)
        rollup.catch_up(now=now)
        check_period(books, Period(change, change, now))
        check_period(books, Period(change - timedelta(days=1), change + timedelta(days=1), now))
        pieces = list(hours.hours(start, end))
        assert pieces[0][0] == start
        assert pieces[-1][1] == end


@pytest.mark.parametrize("days", [0, 6])
def test_it_counts_nothing_twice_when_a_rollup_ends_meanwhile(days: int) -> None:
    books = random_books.fill(NOW - timedelta(days=9), NOW, count=1000, seed=11)
    rollup.catch_up(now=NOW - timedelta(minutes=30))
    ran: list[bool] = []

    def count_first(execute: Any, sql: str, *more: Any) -> Any:
        """Have a rollup end before the first tally is read."""
        if "tally" in sql and not ran:
            ran.append(True)
            rollup.catch_up(now=NOW - timedelta(minutes=1))
        return execute(sql, *more)

    today = hours.day_of(NOW)
    period = Period(today - timedelta(days=days), today, NOW)
    with connections["default"].execute_wrapper(count_first):
        found = figures.read(period, links=Links(AnonymousUser()))
    by = hours.hour_of if period.is_one_day else hours.day_of
    assert ran
    assert found.counted_until == NOW - timedelta(minutes=1) - rollup.SETTLE
    check(found.this, random_books.count(books, period.start, period.end, by), by)
    before = found.before
    check(found.that, random_books.count(books, before.start, before.end, by), by)


def test_it_counts_the_same_however_often_and_in_whatever_steps() -> None:
    books = random_books.fill(NOW - timedelta(days=9), NOW, count=200, seed=3)
    chance, at = random.Random(5), NOW - timedelta(days=8)
    while at < NOW:
        rollup.catch_up(now=at)
        if chance.random() < 0.5:
            rollup.catch_up(now=at)
        at += timedelta(hours=chance.uniform(0.1, 40))
    rollup.catch_up(now=NOW)
    before = _tallies()
    for service in ("orders", "kitchen", "delivery"):
        rollup.rebuild(service, since=NOW - timedelta(days=4))
    rollup.catch_up(now=NOW)
    assert _tallies() == before
    for service in ("orders", "kitchen", "delivery"):
        rollup.rebuild(service, since=None)
    rollup.catch_up(now=NOW)
    assert _tallies() == before
    for period in periods(NOW):
        check_period(books, period)


def _tallies() -> list[Any]:
    fields = ("at", "kind", "key", "bucket", "count", "amount")
    return [sorted(model.objects.values_list(*fields), key=str) for model in (HourTally, DayTally)]


def test_it_takes_an_order_out_that_is_lost_long_after_it_was_counted() -> None:
    books = random_books.fill(NOW - timedelta(days=3), NOW - timedelta(days=2), count=30, seed=1)
    rollup.catch_up(now=NOW)
    row = next(o for o in books.orders if o["status"] == "cooking")
    later = NOW + timedelta(minutes=5)
    Order.objects.filter(pk=row["id"]).update(
        status="delivery_failed", status_rank=100, updated_at=later
    )
    row["status"] = "delivery_failed"
    rollup.catch_up(now=later + timedelta(minutes=1))
    day = hours.day_of(row["created_at"])
    found = read(Period(day, day, later))
    wanted = random_books.count(books, *hours.bounds(day), hours.hour_of)
    assert found.amounts[kinds.SOLD][""] == wanted.takings
    assert found.counts[kinds.PLACED][""] == wanted.placed


@pytest.fixture
def tickets() -> tuple[Ticket, Ticket]:
    """Two of one order, which started six hours ago; the second one keeps it from being cooked."""
    began = NOW - timedelta(hours=6)
    order = rows.kitchen_order(1, status="cooking", open_tickets=2, created_at=began)
    stations = rows.station(1, mode="manual"), rows.station(2, mode="manual")
    first, second = (
        rows.ticket(1, order, at, status="cooking", queued_at=began, started_at=began)
        for at in stations
    )
    return first, second


@pytest.mark.parametrize("hours_ago", [(5, 2, 1), (5, 4.5, 1), (5, 2, 0.01)])
def test_it_counts_a_ticket_once_that_is_recalled_long_after_it_was_done(
    tickets: tuple[Ticket, Ticket], hours_ago: tuple[float, float, float]
) -> None:
    done, recalled, again = (NOW - timedelta(hours=ago) for ago in hours_ago)
    first, _ = tickets
    kitchen.bump(ticket_id=first.pk, now=done)
    rollup.catch_up(now=recalled - timedelta(minutes=1))
    kitchen.recall(ticket_id=first.pk, now=recalled)
    rollup.catch_up(now=recalled + timedelta(minutes=1))
    assert not HourTally.objects.filter(kind=kinds.COOK).exists()
    kitchen.bump(ticket_id=first.pk, now=again)
    rollup.catch_up(now=NOW)
    found = read(Period(hours.day_of(NOW), hours.day_of(NOW), NOW))
    assert found.counts[kinds.COOK] == {str(first.station_id): 1}
    counted = HourTally.objects.filter(kind=kinds.COOK).values_list("at", flat=True)
    assert set(counted) <= {hours.hour_of(again)}


def test_it_counts_a_ticket_once_that_is_recalled_twice_while_nothing_counts(
    tickets: tuple[Ticket, Ticket],
) -> None:
    first, second = tickets
    kitchen.bump(ticket_id=first.pk, now=NOW - timedelta(hours=5.9))
    rollup.catch_up(now=NOW - timedelta(hours=4.5))
    for recalled, done in ((4.4, 4.3), (2, 1.5)):
        kitchen.recall(ticket_id=first.pk, now=NOW - timedelta(hours=recalled))
        kitchen.bump(ticket_id=first.pk, now=NOW - timedelta(hours=done))
    kitchen.bump(ticket_id=second.pk, now=NOW - timedelta(hours=1.4))
    rollup.catch_up(now=NOW)
    found = read(Period(hours.day_of(NOW), hours.day_of(NOW), NOW))
    assert found.counts[kinds.COOK] == {str(first.station_id): 1, str(second.station_id): 1}
    before = _tallies()
    rollup.rebuild("kitchen", since=None)
    rollup.catch_up(now=NOW)
    assert _tallies() == before


def test_it_counts_again_when_the_restaurant_moves_to_another_time_zone() -> None:
    books = random_books.fill(NOW - timedelta(days=5), NOW, count=100, seed=2)
    rollup.catch_up(now=NOW)
    with override_settings(TIME_ZONE="Asia/Kathmandu"):
        assert read(Period(hours.day_of(NOW), hours.day_of(NOW), NOW)).unknown
        rollup.catch_up(now=NOW)
        for period in periods(NOW):
            check_period(books, period)


def test_it_stops_when_its_time_is_over_and_goes_on_from_there() -> None:
    books = random_books.fill(NOW - timedelta(days=5), NOW, count=50, seed=2)
    presses = 1
    while not rollup.catch_up(now=NOW, seconds=0):
        presses += 1
        assert presses < 50
    assert presses > 5
    check_period(books, periods(NOW)[2])


def test_it_says_until_when_it_knows_while_nothing_counts() -> None:
    random_books.fill(NOW - timedelta(days=5), NOW, count=50, seed=2)
    counted_at = NOW - timedelta(hours=5)
    rollup.catch_up(now=counted_at)
    found = read(Period(hours.day_of(NOW), hours.day_of(NOW), NOW))
    assert found.behind == dict.fromkeys(
        ("orders", "kitchen", "delivery"), counted_at - rollup.SETTLE
    )


def test_it_does_not_take_what_was_never_counted_for_nothing() -> None:
    random_books.fill(NOW - timedelta(days=5), NOW, count=50, seed=2)
    found = read(Period(hours.day_of(NOW), hours.day_of(NOW), NOW))
    assert found.unknown == dict.fromkeys(("orders", "kitchen", "delivery"), totals.NOT_COUNTED)


def test_it_knows_a_young_restaurant_before_anything_was_counted() -> None:
    books = random_books.fill(NOW - timedelta(minutes=50), NOW, count=20, seed=2)
    check_period(books, Period(hours.day_of(NOW), hours.day_of(NOW), NOW))


def test_it_knows_that_an_empty_restaurant_has_nothing() -> None:
    for _ in range(2):
        found = read(Period(hours.day_of(NOW), hours.day_of(NOW), NOW))
        assert not found.unknown
        assert found.counts[kinds.PLACED][""] == 0
        assert found.amounts[kinds.SOLD][""] == Decimal(0)
        assert rollup.catch_up(now=NOW)
    assert Counted.objects.filter(until=None).count() == 3
