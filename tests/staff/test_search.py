"""One search over all services, by the reader's rights and by indexes."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

from auth_grpc.models import User
from tests.boards.staff import client_of
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])


def order(**fields: Any) -> Any:
    """Make an order that each of the services knows."""
    made = rows.order(1, **fields)
    rows.kitchen_order(made.pk, order_id=made.public_id)
    rows.delivery(made.pk, order_id=made.public_id)
    return made


def found(client: Client, term: str) -> list[str]:
    answer = client.get(reverse("admin:search"), {"s": term, "extended": "1"})
    assert answer.status_code == 200
    return [hit.link for hit in answer.context["hits"]]


def pages(made: Any, *kinds: str) -> list[str]:
    keys = {"orders_order": made.pk, "kitchen_kitchenorder": made.public_id}
    return [reverse(f"admin:{kind}_change", args=[keys[kind]]) for kind in kinds]


@pytest.mark.parametrize("written", ["#{}", "{}", " #{} "])
def test_it_opens_an_order_by_its_number(written: str) -> None:
    made = order()
    rows.order(2)
    links = found(client_of("support"), written.format(made.pk))
    assert links[:2] == pages(made, "orders_order", "kitchen_kitchenorder")
    assert len(links) == 3


def test_it_opens_an_order_by_its_id() -> None:
    made = order()
    assert found(client_of("manager"), str(made.public_id))[0] == pages(made, "orders_order")[0]


def test_it_shows_each_role_its_own_part_of_an_order() -> None:
    made = order()
    assert found(client_of("kitchen"), f"#{made.pk}") == pages(made, "kitchen_kitchenorder")
    [delivery] = found(client_of("dispatch"), f"#{made.pk}")
    assert delivery.startswith("/admin/delivery/delivery/")


def test_it_finds_people_by_the_beginning_of_their_email() -> None:
    ada = User.objects.create_user("ada@example.com")
    for email in ("adam@example.com", "bob@example.com", "_da@example.com"):
        User.objects.create_user(email)
    manager = client_of("manager")
    user = reverse("admin:auth_grpc_user_change", args=[ada.pk])
    orders = f"{reverse('admin:orders_order_changelist')}?q={ada.pk}"
    assert found(manager, "Ada@EXAMPLE.com") == [user, orders]
    assert found(manager, "ada@ex") == [user]
    assert found(manager, "ada@") == [user]
    assert found(manager, "%da@") == []
    for role in ("kitchen", "dispatch"):
        assert found(client_of(role), "ada@example.com") == [], role


def test_it_finds_dishes_and_couriers_by_a_part_of_their_name() -> None:
    dish = rows.menu_item(1)
    courier = rows.courier(1, name="Юлия Margarine")
    manager = client_of("manager")
    dish_page = reverse("admin:orders_menuitem_change", args=[dish.pk])
    courier_page = reverse("admin:delivery_courier_change", args=[courier.pk])
    assert found(manager, "MARG") == [dish_page, courier_page]
    assert found(manager, dish.sku) == [dish_page]
    assert found(manager, "юлия") == [courier_page]
    assert found(client_of("dispatch"), "marg") == [courier_page]
    assert found(client_of("kitchen"), "marg") == []


def test_it_finds_pages() -> None:
    assert found(client_of("dispatch"), "courier") == ["/admin/delivery/courier/"]
    assert found(client_of("kitchen"), "courier") == []


@pytest.mark.parametrize(
    "term",
    [
        "",
        " ",
        "#",
        "a",
        "#0",
        "9" * 18,
        "9" * 40,
        "٣",
        "a\0b",
        "%",
        "_@",
        "'; drop",
        "x" * 300,
        "<script>alert(1)</script>",
        str(UUID(int=7)),
    ],
)
def test_it_takes_any_term(term: str) -> None:
    answer = client_of("superuser").get(reverse("admin:search"), {"s": term})
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_it_says_what_can_be_found_when_nothing_is() -> None:
    page = client_of("support").get(reverse("admin:search"), {"s": "nothing like it"})
    assert "Nothing found for" in page.content.decode()


def test_it_is_for_staff_alone() -> None:
    for role in ("nobody", "customer"):
        answer = client_of(role).get(reverse("admin:search"), {"s": "#1"})
        assert answer["Location"].startswith(reverse("admin:login"))


def test_it_remembers_nothing_that_a_right_was_taken_from() -> None:
    made = order()
    client = client_of("kitchen")
    assert found(client, f"#{made.pk}")
    User.objects.get(email="kitchen@example.com").groups.clear()
    assert found(client, f"#{made.pk}") == []


def test_it_finds_the_rest_while_a_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    made = order()

    class Away:
        """The kitchen's orders, when their database does not answer."""

        objects = property(lambda self: self)

        def filter(self, **_: Any) -> "Away":
            return self

        def __getitem__(self, _part: slice) -> Iterator[Any]:
            yield from self.answer()

        def answer(self) -> list[Any]:
            raise DatabaseError

    monkeypatch.setattr("restaurant.staff.search.finding.KitchenOrder", Away())
    assert len(found(client_of("manager"), f"#{made.pk}")) == 2


@pytest.mark.parametrize("term", ["#{}", "someone@example.com", "margherita"])
def test_it_asks_the_database_a_fixed_number_of_times(term: str) -> None:
    """As often for many rows as for few, and for no more rows than are shown."""
    client = client_of("superuser")

    def asked() -> list[str]:
        with ExitStack() as stack:
            seen = [
                stack.enter_context(CaptureQueriesContext(connections[alias]))
                for alias in connections
            ]
            found(client, term.format(made.pk))
            return [query["sql"] for queries in seen for query in queries]

    made = order()
    rows.menu_item(1)
    few = asked()
    for _ in range(8):
        order()
        rows.menu_item(1)
        User.objects.create_user(f"someone@example.com.{uuid7()}")
    assert len(asked()) == len(few)
    searched = [sql for sql in few if "FROM" in sql and "session" not in sql and "LIMIT" in sql]
    assert len(searched) >= 3


def test_it_finds_emails_by_an_index() -> None:
    from restaurant.staff.search.finding import _begins

    users = User.objects.filter(_begins("email", "ada@")).order_by()
    plan = users.explain()
    if connections["default"].vendor == "sqlite":
        assert "USING INDEX" in plan or "USING COVERING INDEX" in plan
        assert "SCAN" not in plan
