"""What the dashboard shows of a period, and how fresh that is."""

import random
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import MenuItem
from restaurant.staff.dashboard import hours, rollup
from tests.staff import random_books, rows
from tests.staff.dashboard.ground import LOOK, NOW, PAGE, fill, texts

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("at_noon"),
]
# Of the page, on all databases: two for the user, 18 for what happens now, and for the figures of a
# day the freshness before and after, the menu, and by service its hours and its live parts, now and
# a week ago.
STATEMENTS = 44


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
