"""Bodies made to break a reader: refused on every operation that reads one, and never an error."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from orders.models import Order
from tests.orders.people import ORDER, client_of, post, user
from tests.security.routes import WRITING, operations

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]
BOMBS = {
    "brackets": b"[" * 60_000,
    "whole brackets": b"[" * 30_000 + b"]" * 30_000,
    "braces": b'{"a":' * 12_000,
    "below a field": b'{"lines":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "an endless number": b'{"quantity":' + b"9" * 60_000 + b"}",
    "an infinite number": b'{"quantity":1e400}',
    "no number": b'{"quantity":NaN}',
    "infinity": b'{"quantity":-Infinity}',
    "half a surrogate pair": b'{"email":"\\ud800","password":"\\udfff","reason":"\\ud800"}',
    "no UTF-8": b'{"email":"\xff"}',
    "UTF-16": '{"email":"a"}'.encode("utf-16"),
    "a null byte": b'{"email":"a\\u0000b","password":"a\\u0000b","reason":"\\u0000"}',
    "a trailing word": b"{} {}",
    "a word": b'"word"',
    "a list": b"[{}]",
}


@pytest.fixture
def owner() -> APIClient:
    """Somebody who may do everything."""
    from auth_grpc.models import User

    client = APIClient(raise_request_exception=False)
    client.force_authenticate(User.objects.create_superuser(email="o@example.org", password="x"))
    return client


def writing() -> list[Any]:
    return [operation for operation in operations() if operation.method in WRITING]


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS)
def test_it_refuses_them_wherever_a_body_is_read(owner: APIClient, body: Any) -> None:
    placed = post(owner).json()["id"]
    assert len(writing()) >= 7
    for operation in writing():
        path = operation.at(order_id=placed, sku="COLA")
        answer = owner.generic(operation.method, path, body, content_type="application/json")
        # What is not there may be looked for before the body is.
        is_there = "{" not in operation.path or "orders" in path or "COLA" in path
        allowed = {400} if is_there else {400, 404}
        assert answer.status_code in allowed, (operation, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
        assert len(answer.content) < 20_000
    order = Order.objects.get()
    assert not order.cancel_requested


@pytest.mark.parametrize("operation", writing(), ids=lambda o: f"{o.method} {o.path}")
def test_it_reads_no_body_that_is_too_long(owner: APIClient, operation: Any) -> None:
    body: Any = b'{"reason":"' + b"x" * 65_536 + b'"}'
    answer = owner.generic(operation.method, operation.at(), body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_of_names_that_come_twice_the_last_one_counts() -> None:
    api = client_of(user())
    lines = b'"lines":[{"sku":"COLA","quantity":1}]'
    body: Any = b'{"address":"1 First Street","address":"2 Second Street",%b}' % lines
    answer = api.generic("POST", "/api/v1/orders/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["address"]) == (201, "2 Second Street")


def test_numbers_beyond_all_bounds_are_told_as_such() -> None:
    body = {**ORDER, "lines": [{"sku": "COLA", "quantity": 10**300}]}
    answer = post(client_of(user()), body)
    assert [e["code"] for e in answer.json()["errors"]] == ["out_of_range"]
