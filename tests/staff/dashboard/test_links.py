"""Each number leads to the list behind it, and the list holds what the number says."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.db.models import F, QuerySet, Sum
from django.test import Client, RequestFactory, override_settings
from django.urls import resolve

from orders.late import overdue_after
from orders.models import Order, RefusalCount
from restaurant.amounts import shown
from restaurant.staff.dashboard import hours, rollup, words
from tests.staff import random_books, rows
from tests.staff.dashboard.ground import NOW, PAGE, fill, person

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("at_noon"),
]
DAYS = ("range=today", "range=yesterday", "range=week", "from=2026-11-20&to=2026-11-21")
# A count, money, or a length of time: "3", "1,204", "€9.50", "4:07", "12 min".
NUMBER = re.compile(r"€?\d[\d,]*(\.\d+)?|\d+(:\d\d)+|(\d+ h )?\d+ min")


class Numbers(HTMLParser):
    """Takes the numbers out of a page's cards, each with the link around it, if there is one."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._link = ""
        self._inside: list[str] = []
        self.feed(page.partition('data-part="now"')[2].partition("<dialog")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        if tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass
        if tag == "a":
            self._link = ""

    def handle_data(self, data: str) -> None:
        # Names stand in heads; charts' data is in the table.
        is_shown = not {"th", "script"} & set(self._inside)
        if is_shown and NUMBER.fullmatch(data.strip().removesuffix("·").strip()):
            self.found.append((data.strip(), self._link))


def busy() -> random_books.Books:
    """Books with a past, and of everything that the cards of now show something."""
    made = fill()
    station = rows.station(1)
    rows.ticket(1, at=station, queued_at=NOW - timedelta(minutes=7))
    rows.ticket(2, at=station, status="cooking", queued_at=NOW - timedelta(minutes=3))
    ana, ben = rows.courier(1, name="Ana Out"), rows.courier(2, name="Ben In")
    rows.courier(3, name="Cid Home", on_shift=False)
    for number in (1, 2):
        rows.delivery(number, status="out_for_delivery", courier=ana, dispatched_at=NOW)
    rows.delivery(3, status="assigned", courier=ben)
    rows.delivery(4, status="awaiting_courier", waiting_since=NOW - timedelta(minutes=4))
    for number, marked in ((4001, NOW), (4002, None)):
        then = NOW - timedelta(hours=3)
        rows.order(0, id=number, overdue_since=marked, created_at=then, updated_at=then)
    for minutes, code in ((0, "blank"), (15, "blank"), (30, "body_too_large")):
        RefusalCount.objects.create(
            at=NOW.replace(minute=minutes, second=0), code=code, count=minutes + 1
        )
    return made


def listed(client: Client, link: str) -> QuerySet[Any]:
    """Give the rows of the list that a link leads to, without drawing its page."""
    request = RequestFactory().get(link)
    # It asks for no more than a session.
    request.user = get_user(client)
    view: Any = resolve(request.path).func
    found: QuerySet[Any] = view.model_admin.get_changelist_instance(request).queryset
    return found


def test_it_leads_from_every_number_to_a_page(manager: Client) -> None:
    busy()
    for days in DAYS:
        found = Numbers(manager.get(f"{PAGE}?{days}").content.decode()).found
        assert len(found) > 60
        assert [number for number, link in found if not link] == []
    # What the lists of the others hold is looked at below.
    for link in sorted({unescape(link) for _, link in found}):
        assert manager.get(link).status_code == 200, link


def test_it_leads_to_as_many_rows_as_a_count_says(manager: Client) -> None:
    busy()
    for days in DAYS:
        figures = manager.get(f"{PAGE}?{days}").context["figures"]
        counts = [(line.link, line.count) for line in (*figures.lost, *figures.stations)]
        counts += [(line.link, line.count) for line in figures.couriers]
        counts += [(line.before_link, line.before) for line in figures.lost]
        counts.append((figures.never_sold_link, len(figures.never_sold)))
        for kpi in figures.kpis:
            if kpi.name in ("orders", "lost"):
                counts += [(kpi.link, int(kpi.value)), (kpi.before_link, int(kpi.before))]
        for point in manager.get(f"{PAGE}?{days}").context["points"]:
            if not point.is_ahead:
                counts.append((point.orders.now, point.placed))
            if point.orders.before or point.placed_before:
                counts.append((point.orders.before, point.placed_before))
        assert len(counts) > 10
        for link, count in counts:
            assert listed(manager, link).count() == count, link


@pytest.mark.parametrize(
    ("zone", "change", "hour"),
    [
        ("Europe/Berlin", date(2026, 10, 25), 2),
        # The first hour of a day comes twice, and the last one.
        ("America/Havana", date(2025, 11, 2), 0),
        ("America/Santiago", date(2026, 4, 4), 23),
    ],
)
def test_it_leads_to_all_of_an_hour_that_comes_twice(
    zone: str, change: date, hour: int, manager: Client
) -> None:
    with override_settings(TIME_ZONE=zone):
        start, end = hours.bounds(change)
        assert end - start == timedelta(hours=25)
        random_books.fill(start - timedelta(hours=2), end + timedelta(hours=2), count=300, seed=7)
        rollup.catch_up(now=end + timedelta(hours=3))
        points = manager.get(f"{PAGE}?from={change}&to={change}").context["points"]
        twice = next(point for point in points if point.label == f"{hour:02}:00")
        assert twice.span
        both = [begins for begins, _ in hours.hours(*twice.span)]
        assert len(both) == 2
        assert all(
            Order.objects.filter(created_at__range=(at, at + timedelta(hours=1))).exists()
            for at in both
        )
        for point in points:
            assert listed(manager, point.orders.now).count() == point.placed, point.label
        days = f"from={change - timedelta(days=1)}&to={change}"
        for point in manager.get(f"{PAGE}?{days}").context["points"]:
            assert listed(manager, point.orders.now).count() == point.placed, point.label


def test_it_leads_to_rows_that_come_to_the_money_it_says(manager: Client) -> None:
    busy()
    for days in DAYS:
        context = manager.get(f"{PAGE}?{days}").context
        figures = context["figures"]
        takings = next(kpi for kpi in figures.kpis if kpi.name == "takings")
        average = next(kpi for kpi in figures.kpis if kpi.name == "average")
        for link, told in ((takings.link, takings.value), (takings.before_link, takings.before)):
            assert shown(total(listed(manager, link))) == told
        sold = listed(manager, average.link)
        assert shown(total(sold) / sold.count()) == average.value
        for point in context["points"]:
            if point.takings.now:
                assert total(listed(manager, point.takings.now)) == point.taken
            if point.takings.before:
                assert total(listed(manager, point.takings.before)) == point.taken_before


def test_it_leads_to_the_lines_in_which_a_dish_was_sold(manager: Client) -> None:
    busy()
    for days in DAYS:
        figures = manager.get(f"{PAGE}?{days}").context["figures"]
        assert figures.dishes
        for line in figures.dishes:
            sold, before = (
                listed(manager, link).aggregate(
                    portions=Sum("quantity", default=0),
                    money=Sum(F("quantity") * F("unit_price"), default=Decimal(0)),
                )
                for link in (line.link, line.before_link)
            )
            assert (sold["portions"], shown(sold["money"])) == (line.count, line.amount)
            assert before["portions"] == line.before


def test_it_leads_to_the_times_that_a_median_before_is_of(manager: Client) -> None:
    made = busy()
    for days in DAYS:
        answer = manager.get(f"{PAGE}?{days}")
        figures = answer.context["figures"]
        before = figures.before
        wanted = random_books.count(made, before.start, before.end, lambda at: at)
        for paces, took in ((figures.stations, wanted.cooking), (figures.couriers, wanted.driving)):
            assert paces
            rows_before = [listed(manager, pace.before_link).count() for pace in paces]
            assert [bool(count) for count in rows_before] == [
                pace.before_text != words.duration(None) for pace in paces
            ]
            assert sum(rows_before) <= sum(map(len, took.values()))
        # The medians of all are of all that was done then.
        for name, took in (("cooking", wanted.cooking), ("delivery", wanted.driving)):
            kpi = next(kpi for kpi in figures.kpis if kpi.name == name)
            assert listed(manager, kpi.before_link).count() == sum(map(len, took.values()))


def test_it_leads_from_now_to_as_many_rows(manager: Client) -> None:
    made = busy()
    now = manager.get(PAGE).context["now"]
    waits = [order["updated_at"] for order in made.orders if order["status"] == "cooking"]
    # Two more stand in no book: one marked by the watchdog, and one not yet.
    late = sum(since < NOW - overdue_after() for since in waits) + 2
    assert (now["late"].number, now["road"].number, now["road"].total) == (late, 1, 4)
    for link, count in counts_of(now):
        assert listed(manager, link).count() == count, link
    refused = now["refused"]
    sums = [(refused.link, refused.number)]
    sums += [(item.link, item.value) for item in (*refused.items, *refused.extra)]
    assert refused.number == 48
    for link, told in sums:
        assert listed(manager, link).aggregate(Sum("count"))["count__sum"] == told, link


def counts_of(now: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for name in ("flight", "late", "road"):
        yield now[name].link, now[name].number
    yield now["road"].total_link, now["road"].total
    for name in ("flight", "stations", "road"):
        for item in (*now[name].items, *now[name].extra):
            yield item.link, item.value


@pytest.mark.parametrize(
    ("right", "address"),
    [
        ("view_order", "/admin/orders/order/"),
        ("view_ticket", "/admin/kitchen/ticket/"),
        ("view_delivery", "/admin/delivery/delivery/"),
        ("view_refusalcount", "/admin/orders/refusalcount/"),
    ],
)
def test_it_links_only_to_lists_that_a_person_may_see(
    client: Client, right: str, address: str
) -> None:
    busy()
    client.force_login(person("view_dashboard", right))
    answer = client.get(f"{PAGE}?range=week")
    assert answer.status_code == 200
    links = {link for _, link in Numbers(answer.content.decode()).found if link}
    assert links
    assert all(link.startswith(address) for link in links)


def total(orders: QuerySet[Any]) -> Decimal:
    found: Decimal = orders.aggregate(Sum("total", default=Decimal(0)))["total__sum"]
    return found
