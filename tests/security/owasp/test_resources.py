"""API4, API6, API7: what one client can use up, what it can do in bulk, whom it can have us ask."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from orders.models import Order
from restaurant.environment.formats import Rate
from tests.openapi.schema import operations as documented
from tests.orders.people import ORDER, client_of, post, user

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]
ORDERS = "/api/v1/orders/"
LINE = ORDER["lines"][1]


class TestApi4UnrestrictedResourceConsumption:
    """API4:2023. Limits of rate, size and nesting: tests/limits, test_bodies, tests/proxy."""

    @pytest.mark.parametrize("size", ["201", "1000000", "-1", "0", "9" * 400, "all"])
    def test_a_page_is_never_longer_than_two_hundred(self, size: str) -> None:
        api = client_of(user())
        for _ in range(3):
            post(api)
        answer = api.get(ORDERS, {"page_size": size})
        assert answer.status_code in (200, 400)
        assert len(answer.json().get("results", [])) <= 200

    def test_an_order_has_an_end(self) -> None:
        api = client_of(user())
        for body in (
            {**ORDER, "lines": [LINE] * 51},
            {**ORDER, "lines": [{**LINE, "quantity": 100}]},
            {**ORDER, "note": "x" * 501},
            {**ORDER, "address": "x" * 301},
        ):
            assert post(api, body).status_code == 400
        assert not Order.objects.exists()

    @pytest.mark.usefixtures("counting")
    def test_reading_has_a_limit_too(self, settings: Any) -> None:
        settings.LIMIT_READING = Rate(5, 3600)
        api = client_of(user())
        assert [api.get(ORDERS).status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.usefixtures("counting")
class TestApi6UnrestrictedAccessToSensitiveBusinessFlows:
    """API6:2023. Orders and accounts by the thousand."""

    def test_one_user_places_so_many_orders_a_minute(self, settings: Any) -> None:
        settings.LIMIT_ORDERING = Rate(5, 3600)
        api = client_of(user())
        answers = [post(api) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [201] * 5 + [429] * 3
        assert Order.objects.count() == 5

    def test_one_address_makes_so_many_accounts_an_hour(self, settings: Any) -> None:
        settings.LIMIT_REGISTERING = Rate(2, 3600)
        account = {"email": "x", "password": "y"}
        statuses = [
            APIClient().post("/api/v1/auth/register/", account, format="json").status_code
            for _ in range(3)
        ]
        assert statuses == [400, 400, 429]

    def test_a_repeated_key_is_no_second_order(self) -> None:
        api = client_of(user())
        ids = {post(api, **{"Idempotency-Key": "one-and-only"}).json()["id"] for _ in range(3)}
        assert len(ids) == Order.objects.count() == 1


class TestApi7ServerSideRequestForgery:
    """API7:2023. No field of the API is an address that a server of ours would ask."""

    def test_no_body_has_a_field_for_an_address(self) -> None:
        found = list(_fields())
        assert len(found) > 5
        named = [name for name, shape in found if "ur" in shape.get("format", "") or "url" in name]
        assert named == []

    def test_a_link_in_a_text_stays_a_text(self) -> None:
        note = "http://169.254.169.254/latest/meta-data/"
        assert post(client_of(user()), {**ORDER, "note": note}).json()["note"] == note


def _fields() -> Iterator[tuple[str, dict[str, Any]]]:
    from tests.openapi.schema import schema

    shapes = schema()["components"]["schemas"]
    for operation in documented():
        for media in operation.told.get("requestBody", {}).get("content", {}).values():
            name = media["schema"].get("$ref", "").rpartition("/")[2]
            yield from _inner(shapes.get(name, media["schema"]), shapes)


def _inner(shape: Any, shapes: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in shape.get("properties", {}).items():
        yield name, field
        ref = field.get("items", {}).get("$ref", "").rpartition("/")[2]
        if ref:
            yield from _inner(shapes[ref], shapes)
