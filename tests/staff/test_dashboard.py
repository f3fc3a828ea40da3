"""The dashboard's page: who may see it, what it shows and where its numbers lead."""

import csv
import io
import random
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from auth_grpc.models import User
from orders.models import MenuItem, Order, RefusalCount
from restaurant.formulas import is_formula
from restaurant.staff import books
from restaurant.staff.dashboard import hours, now, rollup
from tests.staff import random_books, rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])

NOW = datetime(2026, 11, 24, 12, 37, 21, tzinfo=UTC)
PAGE = "/admin/dashboard/"
LOOK = f"{PAGE}look/"
CSV, XLSX = (f"{PAGE}export/{kind}/" for kind in ("csv", "xlsx"))
# Of the page, on all databases: two for the user, 18 for what happens now, and for the figures of a
# day the freshness, the menu, and by service its hours and its live parts, now and a week ago.
STATEMENTS = 43


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with patch("restaurant.staff.dashboard.views.timezone.now", return_value=NOW):
        yield


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def person(*permissions: str, is_staff: bool = True) -> User:
    user = User.objects.create_user("somebody@example.com", is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def texts(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


# --- Who may ---------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [PAGE, CSV, XLSX])
def test_it_sends_strangers_to_the_login(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("address", [PAGE, LOOK, CSV, XLSX])
def test_it_refuses_staff_without_the_right(client: Client, address: str) -> None:
    client.force_login(person("view_order", "view_ticket", "view_pipeline"))
    assert client.get(address).status_code == 403


def test_it_refuses_to_count_for_who_may_not_look(client: Client) -> None:
    address = reverse("staff:dashboard_count")
    assert client.post(address).status_code == 401
    client.force_login(person("view_order"))
    assert client.post(address).status_code == 403
    assert not rollup.freshness()


def test_it_counts_by_a_post_with_a_token_only(manager: Client) -> None:
    address = reverse("staff:dashboard_count")
    assert manager.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = manager.cookies
    assert strict.post(address).status_code == 403
    assert not rollup.freshness()
    assert manager.post(address).json() == {"say": "Counted.", "more": False}
    assert set(rollup.freshness()) == set(books.PIPELINE)


def test_it_links_only_to_lists_that_a_person_may_see(client: Client) -> None:
    rows.order(1, created_at=NOW, updated_at=NOW)
    client.force_login(person("view_dashboard"))
    answer = client.get(PAGE)
    assert answer.status_code == 200
    part = answer.content.decode().partition("data-dashboard")[2]
    assert "/admin/orders/order/" not in part
    assert "/admin/kitchen/" not in part


# --- What it shows ---------------------------------------------------------------------------


def fill() -> random_books.Books:
    made = random_books.fill(NOW - timedelta(days=16), NOW, count=160, seed=11)
    rollup.catch_up(now=NOW - timedelta(minutes=1))
    return made


def test_it_asks_a_fixed_number_of_statements(manager: Client) -> None:
    fill()
    found = []
    # One that came since the last count.
    fresh = random_books.id_of(NOW, random.Random(4))
    rows.order(0, id=5000, public_id=fresh, created_at=NOW - timedelta(seconds=9))
    for _ in range(2):
        with ExitStack() as stack:
            captured = [
                stack.enter_context(CaptureQueriesContext(connections[alias]))
                for alias in connections
            ]
            assert manager.get(PAGE).status_code == 200
            found.append(sum(len(queries) for queries in captured))
        for number in range(3):
            rows.ticket(number, of=rows.kitchen_order(number))
            rows.courier(number)
    assert found == [STATEMENTS, STATEMENTS]


@pytest.mark.parametrize("days", ["range=today", "range=yesterday", "range=week", "range=month"])
def test_it_shows_the_figures_that_the_books_have(manager: Client, days: str) -> None:
    made = fill()
    answer = manager.get(f"{PAGE}?{days}")
    period = answer.context["figures"].period
    wanted = random_books.count(made, period.start, period.end, hours.day_of)
    kpis = {kpi.name: kpi for kpi in answer.context["figures"].kpis}
    assert kpis["orders"].value == str(wanted.placed)
    assert kpis["takings"].value == f"€{wanted.takings:,.2f}"
    assert kpis["average"].value == f"€{wanted.takings / wanted.sold:,.2f}"
    assert kpis["lost"].value == str(wanted.placed - wanted.sold)
    before = answer.context["figures"].before
    wanted_before = random_books.count(made, before.start, before.end, hours.day_of)
    assert kpis["orders"].before == str(wanted_before.placed)


def test_it_compares_today_to_a_week_ago_at_the_same_time(manager: Client) -> None:
    figures = manager.get(PAGE).context["figures"]
    assert figures.before.start == figures.period.start - timedelta(days=7)
    assert figures.before.end == NOW - timedelta(days=7)


def test_it_leads_from_each_number_to_its_list(manager: Client) -> None:
    fill()
    rows.order(4000, id=4000, overdue_since=NOW, created_at=NOW, updated_at=NOW)
    RefusalCount.objects.create(at=NOW.replace(minute=15, second=0), code="blank", count=2)
    answer = manager.get(f"{PAGE}?range=week")
    part = answer.content.decode().partition("data-dashboard")[2]
    links = {unescape(link) for link in re.findall(r'href="(/admin/[^"]+)"', part)}
    links = {link for link in links if "/export/" not in link}
    assert len(links) > 30
    for link in sorted(links):
        assert manager.get(link).status_code == 200, link


@pytest.mark.parametrize("name", ["orders", "lost", "takings", "cooking", "delivery"])
def test_it_leads_to_a_list_with_as_many_rows(manager: Client, name: str) -> None:
    made = fill()
    for days in ("today", "week"):
        figures = manager.get(PAGE, {"range": days}).context["figures"]
        wanted = random_books.count(made, figures.period.start, figures.period.end, hours.day_of)
        kpi = next(kpi for kpi in figures.kpis if kpi.name == name)
        listed = manager.get(kpi.link).context["cl"].queryset.count()
        assert (
            listed
            == {
                "orders": wanted.placed,
                "lost": wanted.placed - wanted.sold,
                "takings": wanted.sold,
                "cooking": sum(map(len, wanted.cooking.values())),
                "delivery": sum(map(len, wanted.driving.values())),
            }[name]
        )


def test_it_leads_from_reasons_dishes_and_couriers_to_as_many_rows(manager: Client) -> None:
    fill()
    figures = manager.get(f"{PAGE}?range=month").context["figures"]
    assert figures.lost
    assert figures.stations
    assert figures.couriers
    for line in (*figures.lost, *figures.stations, *figures.couriers):
        assert manager.get(line.link).context["cl"].queryset.count() == line.count, line.link
    for line in figures.dishes:
        assert manager.get(line.link).context["cl"].queryset.exists()


def test_it_names_dishes_that_were_never_sold(manager: Client) -> None:
    fill()
    sold, unsold = rows.menu_item(1), rows.menu_item(2)
    MenuItem.objects.filter(pk=sold.pk).update(sku="COLA", name="Cola")
    MenuItem.objects.filter(pk=unsold.pk).update(sku="SOUP", name="Soup")
    figures = manager.get(f"{PAGE}?range=month").context["figures"]
    assert [line.name for line in figures.never_sold] == ["Soup"]
    assert {line.name for line in figures.dishes} == {"Cola", "Margherita", "Salad"}


def test_it_shows_an_empty_restaurant_as_one(manager: Client) -> None:
    answer = manager.get(PAGE)
    assert "No orders in these days" in texts(answer)
    assert "Every order gets on." in texts(answer)
    assert "Nobody is on shift." in texts(answer)


def test_it_says_how_old_the_figures_are(manager: Client) -> None:
    fill()
    assert "Added up at 12:36:16, 65 seconds ago." in texts(manager.get(PAGE))


def test_it_says_when_nothing_has_counted_for_long(manager: Client) -> None:
    random_books.fill(NOW - timedelta(days=3), NOW, count=40, seed=11)
    rollup.catch_up(now=NOW - timedelta(hours=4))
    answer = manager.get(PAGE)
    assert "as of 08:37:16" in texts(answer)
    # What it is compared to ends at the same time.
    assert answer.context["figures"].before.end == NOW - timedelta(days=7, hours=4, seconds=5)
    manager.post(reverse("staff:dashboard_count"))
    assert "as of" not in texts(manager.get(PAGE))


def test_it_says_what_is_not_counted_yet_instead_of_nothing(manager: Client) -> None:
    random_books.fill(NOW - timedelta(days=3), NOW, count=40, seed=11)
    answer = manager.get(PAGE)
    assert texts(answer).count("Not counted yet") >= 3
    assert "No orders in these days" not in texts(answer)


# --- Now ---------------------------------------------------------------------------------------


def test_it_counts_what_is_in_flight_by_status(manager: Client) -> None:
    for number, status in enumerate(["placed", "cooking", "cooking", "delivered"], 1):
        rank = Order.Status(status).rank
        rows.order(number, status=status, status_rank=rank, updated_at=NOW)
    flight = now.look(now=NOW).flight
    assert flight is not None
    assert flight.total == 3
    assert flight.by_status[Order.Status.COOKING] == 2
    assert flight.late_count == 0


def test_it_names_late_orders_and_why_though_no_watchdog_runs(manager: Client) -> None:
    stuck = rows.order(1, updated_at=NOW - timedelta(hours=3), created_at=NOW)
    rows.order(2, updated_at=NOW, created_at=NOW)
    flight = now.look(now=NOW).flight
    assert flight is not None
    assert [late.order for late in flight.late] == [stuck]
    assert flight.late[0].reason == "the kitchen has not heard of it"
    assert f"#{stuck.pk}" in texts(manager.get(PAGE))


def test_it_shows_the_oldest_wait_of_each_station() -> None:
    busy, idle = rows.station(1, name="Grill"), rows.station(2, name="Bar")
    for minutes in (3, 20):
        rows.ticket(minutes, at=busy, queued_at=NOW - timedelta(minutes=minutes))
    rows.ticket(9, at=idle, status="done", queued_at=NOW - timedelta(hours=5), done_at=NOW)
    queues = {queue.station.name: queue for queue in now.look(now=NOW).queues or []}
    assert (queues["Grill"].queued, queues["Grill"].oldest) == (2, NOW - timedelta(minutes=20))
    assert queues["Grill"].pace == "late"
    assert (queues["Bar"].queued, queues["Bar"].oldest, queues["Bar"].pace) == (0, None, "")


def test_it_shows_who_is_on_the_road() -> None:
    ana, ben = rows.courier(1, name="Ana"), rows.courier(2, name="Ben")
    rows.courier(3, name="Cid", on_shift=False)
    rows.delivery(1, status="out_for_delivery", courier=ana, dispatched_at=NOW)
    rows.delivery(2, status="assigned", courier=ben)
    rows.delivery(3, status="awaiting_courier", waiting_since=NOW - timedelta(minutes=4))
    road = now.look(now=NOW).road
    assert road is not None
    assert [ride.courier for ride in road.out] == [ana]
    assert [ride.courier for ride in road.rides] == [ana, ben]
    assert (road.waiting, road.oldest_waiting) == (1, NOW - timedelta(minutes=4))


def test_it_counts_refusals_of_the_last_hour_and_of_today() -> None:
    noon = NOW.replace(minute=0, second=0)
    for minutes, code in ((15, "blank"), (-30, "unknown_sku"), (-600, "blank"), (-900, "blank")):
        RefusalCount.objects.create(at=noon + timedelta(minutes=minutes), code=code, count=2)
    refused = now.look(now=NOW).refused
    assert refused is not None
    assert refused.lately == {"blank": 2, "unknown_sku": 2}
    assert refused.today == {"blank": 4, "unknown_sku": 2}


# --- What is not known -----------------------------------------------------------------------


@pytest.mark.parametrize("service", books.PIPELINE)
def test_it_says_what_is_not_known_where_a_database_is_missing(
    manager: Client, service: str
) -> None:
    fill()
    with patch.object(books, "has", lambda name: name != service):
        answer = manager.get(PAGE)
        assert answer.status_code == 200
        assert "is not configured" in texts(answer)
        assert manager.get(CSV).status_code == 200
        assert rollup.catch_up(now=NOW)


def test_it_still_shows_the_others_when_a_database_is_away(manager: Client) -> None:
    fill()
    gone = patch(
        "restaurant.staff.dashboard.counting.Ticket.objects.filter", side_effect=DatabaseError
    )
    also = patch("restaurant.staff.dashboard.now.Ticket.objects.filter", side_effect=DatabaseError)
    with gone, also:
        answer = manager.get(PAGE)
    assert "the database of the kitchen does not answer" in texts(answer)
    assert next(k for k in answer.context["figures"].kpis if k.name == "orders").value != "–"  # noqa: RUF001


# --- The days asked for --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("range=century", "There is no such range: century."),
        ("from=yesterday", "“yesterday” is no date"),
        ("from=2026-02-30&to=2026-03-01", "“2026-02-30” is no date"),
        ("from=2026-11-10&to=2026-11-01", "The first day is after the last one."),
        ("from=2026-11-10&to=2026-11-25", "The last day is in the future."),
        ("from=2024-11-10&to=2026-11-01", "at most 366 days"),
        ("from=0001-01-01&to=0001-01-02", "before 2000"),
        ("from=%00&to=%00", "is no date"),
    ],
)
def test_it_says_what_is_wrong_with_the_days(manager: Client, query: str, said: str) -> None:
    answer = manager.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    assert said in texts(answer)
    assert answer.context["figures"].period.preset == "today"
    for address in (LOOK, CSV):
        answer = manager.get(f"{address}?{query}")
        assert answer.status_code == 400
        assert said in (answer.json()["say"] if address == LOOK else answer.content.decode())


def test_it_shows_the_days_of_the_restaurants_clock(manager: Client) -> None:
    with override_settings(TIME_ZONE="Pacific/Auckland"):
        period = manager.get(PAGE).context["figures"].period
        assert f"{period.first}" == "2026-11-25"
        assert period.start == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def test_it_opens_in_russian(manager: Client) -> None:
    fill()
    assert manager.get(PAGE, headers={"accept-language": "ru"}).status_code == 200
    link = manager.get(PAGE, headers={"accept-language": "ru"}).context["figures"].kpis[1].link
    english = manager.get(link).context["cl"].queryset.count()
    russian = manager.get(link, headers={"accept-language": "ru"}).context["cl"].queryset.count()
    assert english == russian > 0


# --- Parts and files --------------------------------------------------------------------------


def test_it_gives_the_parts_that_are_asked_for(manager: Client) -> None:
    fill()
    assert 'data-part="figures"' not in manager.get(LOOK).content.decode()
    both = manager.get(f"{LOOK}?figures=1&range=week").content.decode()
    assert 'data-part="figures"' in both
    assert "<html" not in both


def test_it_lets_the_page_open_the_stream(manager: Client) -> None:
    answer = manager.get(PAGE)
    policy = answer["Content-Security-Policy"]
    assert "connect-src 'self' http://testserver:8001" in policy
    assert "http://testserver:8001/live/dashboard/" in answer.content.decode()


def test_it_exports_every_figure(manager: Client) -> None:
    made = fill()
    answer = manager.get(f"{CSV}?range=week")
    assert answer["Content-Disposition"].endswith('dashboard-2026-11-18-2026-11-24.csv"')
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    period = (NOW - timedelta(days=6)).replace(hour=0, minute=0, second=0)
    wanted = random_books.count(made, period, NOW, hours.day_of)
    values = {tuple(row[:3]): row[3] for row in table[1:]}
    assert table[0][:3] == ["Subject", "Which", "Measure"]
    assert values["Summary", "Takings", ""] == str(wanted.takings)
    assert values["Summary", "Orders", ""] == str(wanted.placed)
    for sku, (quantity, amount) in wanted.dishes.items():
        assert values["Dishes", sku.title(), "Sold"] == str(quantity)
        assert Decimal(values["Dishes", sku.title(), "Takings"]) == amount
    assert sum(int(v) for k, v in values.items() if k[0] == "Cancellations") == sum(
        wanted.lost.values()
    )
    book = load_workbook(io.BytesIO(manager.get(f"{XLSX}?range=week").content))
    cells = {
        (sheet.title, *(c or "" for c in row[:2])): row[2]
        for sheet in book
        for row in sheet.iter_rows(min_row=2, values_only=True)
    }
    assert cells["Summary", "Orders", ""] == wanted.placed
    assert Decimal(str(cells["Summary", "Takings", ""])) == wanted.takings
    assert len(cells) == len(values)


def test_it_exports_no_formula(manager: Client) -> None:
    fill()
    for address in (CSV, XLSX):
        content = manager.get(f"{address}?range=month").content
        if address == CSV:
            cells = [c for row in csv.reader(io.StringIO(content.decode())) for c in row]
        else:
            sheets = load_workbook(io.BytesIO(content))
            assert not [c for s in sheets for row in s for c in row if c.data_type == "f"]
            cells = [str(c.value) for s in sheets for row in s for c in row]
        assert any("'=1+1" in cell for cell in cells)
        assert not any(is_formula(cell) for cell in cells)


def test_it_exports_nothing_for_what_is_not_known(manager: Client) -> None:
    fill()
    with patch.object(books, "has", lambda name: name != "orders"):
        table = list(csv.reader(io.StringIO(manager.get(CSV).content.decode("utf-8-sig"))))
    assert ["Summary", "Takings", "", "", ""] in table
