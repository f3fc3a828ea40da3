"""Ids in an address: in upper case too, and those that no database can look for."""

from uuid import UUID

import pytest

from orders.live import following
from restaurant.problems import MEDIA_TYPE
from tests.reading.routes import everybody
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
ODD = ["%00", "a%00b", "%ff", "%ed%a0%80", "x" * 5000, "9" * 40, "-1", "%0a", "..", "%2e%2e", "%25"]
PATHS = [
    *("GET kitchen/tickets/{}/", "GET kitchen/stations/{}/", "POST kitchen/stations/{}/open/"),
    *("GET delivery/deliveries/{}/", "GET delivery/couriers/{}/", "GET orders/{}/"),
    *("POST kitchen/tickets/{}/start/", "POST delivery/deliveries/{}/delivered/"),
    *("POST menu/{}/availability/", "POST orders/{}/cancel/", "GET orders/{}/timeline/"),
]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a"}], ids=["plain", "keyed"])
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("path", PATHS)
def test_it_finds_nothing_at_what_is_no_id(path: str, odd: str, headers: dict[str, str]) -> None:
    method, _, address = path.partition(" ")
    body = '{"available": true}' if "menu" in address else "{}"
    answer = everybody().generic(
        method,
        f"/api/v1/{address.format(odd)}",
        body,
        content_type="application/json",
        headers=headers,
    )
    assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE)
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("path", ["orders/{}/", "orders/{}/timeline/", "orders/{}/events/"])
def test_it_reads_an_id_in_either_case_and_writes_it_in_lower(path: str) -> None:
    order = rows.order(1)
    lower, upper = (f"/api/v1/{path.format(each)}" for each in _cases(order.public_id))
    answers = [everybody().get(each) for each in (lower, upper)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert str(order.public_id).upper().encode() not in answers[1].content


def test_it_finds_a_delivery_in_either_case() -> None:
    delivery = rows.delivery(1)
    for each in _cases(delivery.order_id):
        answer = everybody().get(f"/api/v1/delivery/deliveries/{each}/")
        assert answer.json()["order_id"] == str(delivery.order_id)


def test_the_live_process_reads_either_case_too() -> None:
    id_ = UUID("01a225a8-585d-7157-9c6c-d1e0ae6f5bd1")
    for each in _cases(id_):
        assert following.key_in(f"/api/v1/orders/{each}/events/") == id_


def _cases(id_: UUID) -> tuple[str, str]:
    return str(id_), str(id_).upper()
