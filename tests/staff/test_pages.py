"""Every page of the staff site opens, searches, and asks the database a fixed number of times."""

from contextlib import ExitStack
from functools import reduce
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from restaurant.staff.navigation import PAGES
from tests.boards.staff import client_of
from tests.staff.rows import ROWS

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])

# Statements of each list page, on all databases: the session, the user, a count, the rows, the
# filters that the user has kept, and what the page's filters and columns need.
PLAIN = 5
STATEMENTS = {
    **dict.fromkeys(ROWS, PLAIN),
    # The roles to filter by, and those of the users shown.
    "auth_grpc.User": 7,
    "orders.MenuItem": 6,
    "kitchen.Ticket": 6,
    "delivery.Delivery": 6,
    # The topics to filter by.
    "orders.DeadLetter": 6,
    "kitchen.DeadLetter": 6,
    "delivery.DeadLetter": 6,
    # Tasks and times to filter by.
    "django_celery_beat.PeriodicTask": 8,
}
LABELS = sorted(model._meta.label for model in admin.site._registry)


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def url(label: str, page: str, *args: object) -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_{page}", args=args)


def statements(client: Client, address: str) -> int:
    with ExitStack() as stack:
        captured = [
            stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections
        ]
        assert client.get(address).status_code == 200
        return sum(len(queries) for queries in captured)


def test_it_has_a_row_for_every_page() -> None:
    assert set(LABELS) == set(ROWS)


@pytest.mark.parametrize("label", LABELS)
def test_it_asks_the_database_as_often_for_many_rows_as_for_few(label: str, client: Client) -> None:
    address = url(label, "changelist")
    for i in range(2):
        ROWS[label](i)
    few = statements(client, address)
    for i in range(2, 20):
        ROWS[label](i)
    assert (few, statements(client, address)) == (STATEMENTS[label], STATEMENTS[label])


@pytest.mark.once
@pytest.mark.parametrize("label", LABELS)
def test_it_opens_the_page_of_a_row(label: str, client: Client) -> None:
    row = ROWS[label](0)
    assert client.get(url(label, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("label", LABELS)
def test_it_searches_for_anything(label: str, client: Client) -> None:
    ROWS[label](0)
    for wanted in ("", "42", "#42", str(uuid7()), "pizza 'x", "9" * 30, "٣", "%", "a\0b"):
        assert client.get(url(label, "changelist"), {"q": wanted}).status_code == 200, wanted


@pytest.mark.parametrize("label", LABELS)
def test_it_finds_a_row_by_its_ids(label: str, client: Client) -> None:
    row, other = ROWS[label](0), ROWS[label](1)
    page = admin.site._registry[type(row)]
    for name in getattr(page, "search_ids", ()):
        value = reduce(getattr, name.split("__"), row)
        found = client.get(url(label, "changelist"), {"q": str(value)}).context["cl"].queryset
        assert row in found
        assert other not in found


@pytest.mark.once
@pytest.mark.parametrize("label", LABELS)
def test_it_shows_nothing_to_a_user_without_the_permission(label: str, client: Client) -> None:
    row = ROWS[label](0)
    client.force_login(User.objects.create_user("nobody@example.com", is_staff=True))
    assert client.get(url(label, "changelist")).status_code == 403
    assert client.get(url(label, "change", row.pk)).status_code == 403


def test_it_sends_strangers_to_the_login(client: Client) -> None:
    client.logout()
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def groups(client: Client, address: str = "/admin/password_change/") -> list[dict[str, Any]]:
    return list(client.get(address).context["sidebar_navigation"])


def titles(groups: list[dict[str, Any]]) -> list[str]:
    return [str(group["title"]) for group in groups]


def test_it_puts_the_days_work_before_the_tables(client: Client) -> None:
    shown = groups(client)
    tables = [group for group in shown if group["collapsible"]]
    assert titles(shown) == [
        *("Today", "Menu", "Oversight", "Kitchen", "Delivery", "People"),
        *titles(tables),
    ]
    assert titles(tables) == [
        *("Orders: tables", "Kitchen: tables", "Delivery: tables", "Accounts: tables"),
        "Side work",
    ]
    assert sum(len(group["items"]) for group in shown) == len(LABELS) + len(PAGES)


@pytest.mark.once
def test_it_tells_every_page_of_a_group_by_another_name(client: Client) -> None:
    for group in groups(client):
        names = [item["title"] for item in group["items"]]
        assert len(names) == len(set(names)), group["title"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("role", "kept"),
    [
        ("kitchen", {"Today": ["Kitchen board"], "Kitchen": ["Tickets", "Orders", "Stations"]}),
        ("dispatch", {"Today": ["Dispatch board"], "Delivery": ["Deliveries", "Couriers"]}),
    ],
)
def test_it_shows_a_role_its_own_work_alone(role: str, kept: dict[str, list[str]]) -> None:
    shown = groups(client_of(role))
    assert {str(one["title"]): [item["title"] for item in one["items"]] for one in shown} == kept


@pytest.mark.once
def test_it_marks_the_list_that_a_page_belongs_to(client: Client) -> None:
    order, letter = ROWS["orders.Order"](1), ROWS["orders.DeadLetter"](1)
    for address, title in (
        (url("orders.Order", "changelist"), "Orders"),
        (f"/admin/orders/order/{order.pk}/change/", "Orders"),
        (url("orders.DeadLetter", "change", letter.pk), "Dead letters"),
        (reverse("staff:dead_letters"), "Dead letters"),
        (reverse("staff:trail"), "Audit trail"),
        ("/admin/password_change/", None),
    ):
        shown = groups(client, address)
        active = [item["title"] for group in shown for item in group["items"] if item["active"]]
        assert active == ([title] if title else []), address


def test_it_shows_a_user_the_pages_they_may_see(client: Client) -> None:
    cook = User.objects.create_user("cook@example.com", is_staff=True)
    cook.user_permissions.add(Permission.objects.get(codename="view_ticket"))
    client.force_login(cook)
    assert [[item["title"] for item in group["items"]] for group in groups(client)] == [
        ["Kitchen board"],
        ["Tickets"],
    ]
