"""API1, API3, API5: whose object, which of its fields, which deeds."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from kitchen.models import Station
from orders.models import MenuItem, Order
from tests.orders.people import ORDER, client_of, post, user
from tests.security.routes import operations

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]
# What a customer has business with.
ROOT = "/api/v1/"
CUSTOMERS = ("/api/v1/orders/", "/api/v1/auth/", "/api/v1/menu/")
ACCOUNTS = ("register", "login", "refresh", "logout")
STAFF_OF_MENU = "/api/v1/menu/{sku}/availability/"


def told(answer: Any) -> dict[str, Any]:
    """Give a problem without what differs between any two requests."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}


class TestApi1BrokenObjectLevelAuthorization:
    """API1:2023. Ids in paths lead to other people's objects."""

    def test_another_s_order_is_as_absent_as_one_that_never_was(self) -> None:
        placed = post(client_of(user())).json()["id"]
        stranger = client_of(user())
        of_orders = [o for o in operations() if "{order_id}" in o.path and "/orders/" in o.path]
        assert {"GET", "POST"} <= {operation.method for operation in of_orders}
        for operation in of_orders:
            theirs = stranger.generic(operation.method, operation.at(order_id=placed))
            never = stranger.generic(operation.method, operation.at())
            assert (theirs.status_code, told(theirs)) == (404, told(never)), operation
        assert not Order.objects.get().cancel_requested

    def test_a_list_shows_one_s_own_whatever_is_asked(self) -> None:
        own, other = user(), user()
        post(client_of(other))
        for query in ({}, {"customer": str(other.id)}, {"status": "placed"}):
            answer = client_of(own).get("/api/v1/orders/", query)
            assert answer.json().get("results", []) == []


class TestApi3BrokenObjectPropertyLevelAuthorization:
    """API3:2023. Fields that one should not set, and fields that one should not see."""

    @pytest.mark.parametrize(
        "name", ["id", "number", "status", "customer", "customer_id", "total", "created_at"]
    )
    def test_who_orders_sets_nothing_that_is_ours_to_set(self, name: str) -> None:
        answer = post(client_of(user()), {**ORDER, name: "1"})
        assert answer.status_code == 400
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
            (f"/{name}", "unknown_field")
        ]
        assert not Order.objects.exists()

    @pytest.mark.parametrize("name", ["price", "unit_price", "station", "name"])
    def test_no_line_brings_its_own_price(self, name: str) -> None:
        lines = [{"sku": "COLA", "quantity": 1, name: "0.01"}]
        answer = post(client_of(user()), {**ORDER, "lines": lines})
        assert answer.json()["errors"][0]["code"] == "unknown_field"

    def test_an_order_shows_its_customer_what_is_theirs_alone(self) -> None:
        headers = {"Idempotency-Key": "a-key"}
        shown = post(client_of(user()), **headers).json()
        kept = {"client_address", "customer_id", "idempotency_key", "correlation_id", "version"}
        assert not kept & set(shown)


class TestApi5BrokenFunctionLevelAuthorization:
    """API5:2023. Deeds of staff, tried by a customer and by nobody."""

    def of_staff(self) -> list[Any]:
        found = [o for o in operations() if o.path != ROOT and not o.path.startswith(CUSTOMERS)]
        return [*found, *(o for o in operations() if o.path == STAFF_OF_MENU)]

    def test_a_customer_may_do_nothing_of_staff_s(self) -> None:
        Station.objects.create(code="grill", name="Grill")
        customer = client_of(user())
        assert len(self.of_staff()) >= 10
        for operation in self.of_staff():
            path = operation.at(sku="COLA", code="grill")
            answer = customer.generic(operation.method, path, "{}", "application/json")
            assert answer.status_code == 403, operation
        assert MenuItem.objects.get(sku="COLA").available

    def test_who_is_nobody_may_read_the_menu_and_make_an_account(self) -> None:
        read = {("GET", ROOT), ("GET", "/api/v1/menu/")}
        is_open = {*read, *(("POST", f"/api/v1/auth/{a}/") for a in ACCOUNTS)}
        for operation in operations():
            answer = APIClient().generic(operation.method, operation.at(), "{}", "application/json")
            assert (answer.status_code == 401) is (tuple(operation) not in is_open), operation
