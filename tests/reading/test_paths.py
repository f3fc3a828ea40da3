"""Ids in an address that no database can look for."""

import pytest

from restaurant.problems import MEDIA_TYPE
from tests.reading.routes import everybody

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
ODD = ["%00", "a%00b", "%ff", "%ed%a0%80", "x" * 5000, "9" * 40, "-1", "%0a", "..", "%2e%2e", "%25"]
PATHS = [
    *("GET kitchen/tickets/{}/", "GET kitchen/stations/{}/", "POST kitchen/stations/{}/open/"),
    *("GET delivery/deliveries/{}/", "GET delivery/couriers/{}/", "GET orders/{}/"),
    *("POST kitchen/tickets/{}/start/", "POST delivery/deliveries/{}/delivered/"),
    *("POST menu/{}/availability/", "POST orders/{}/cancel/", "GET orders/{}/timeline/"),
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("path", PATHS)
def test_it_finds_nothing_at_what_is_no_id(path: str, odd: str) -> None:
    method, _, address = path.partition(" ")
    body = '{"available": true}' if "menu" in address else "{}"
    answer = everybody().generic(
        method, f"/api/v1/{address.format(odd)}", body, content_type="application/json"
    )
    assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE)
    assert answer.json()["code"] == "not_found"
