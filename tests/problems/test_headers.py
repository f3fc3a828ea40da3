"""What a request's headers ask, and what an answer's say, as RFC 9110 has it."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from orders.models import Order
from restaurant.problems import MEDIA_TYPE
from tests.orders.people import ORDER, client_of, user
from tests.reading.routes import Route, everybody, routes
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
ORDERS, MENU = "/api/v1/orders/", "/api/v1/menu/"
LOGIN = "/api/v1/auth/login/"
JSON, HTML = "application/json", "text/html"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def is_told(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, MEDIA_TYPE)
    told: dict[str, Any] = answer.json()
    assert told["code"] == code
    return told


@pytest.mark.parametrize("tag", ['"999"', "*", 'W/"1"', ""])
@pytest.mark.parametrize(
    "route", [r for r in routes() if r.method == "POST" and "auth/" not in r.path], ids=str
)
def test_nothing_is_done_under_a_condition_that_cannot_hold(route: Route, tag: str) -> None:
    answer = everybody().post(route.url, {}, format="json", headers={"If-Match": tag})
    told = is_told(answer, 412, "precondition_failed")
    assert "Nothing was done" in told["detail"]


@pytest.mark.usefixtures("menu", "placed_here")
def test_an_order_is_neither_placed_nor_cancelled_then() -> None:
    owner = user()
    client, order = client_of(owner), rows.order(1, customer_id=owner.id)
    for path, body in ((f"{ORDERS}{order.public_id}/cancel/", {}), (ORDERS, ORDER)):
        sent = {"If-Match": '"999"', "Idempotency-Key": "k"}
        is_told(client.post(path, body, format="json", headers=sent), 412, "precondition_failed")
        # As RFC 9110, 13.1.4, has it: there is no date to compare.
        answer = client.post(
            path,
            body,
            format="json",
            headers={"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        )
        assert answer.status_code in (201, 202)
    assert Order.objects.count() == 2


def test_what_would_be_told_without_a_condition_is_told_first() -> None:
    sent = {"If-Match": '"x"'}
    is_told(APIClient().post(ORDERS, {}, headers=sent), 401, "not_authenticated")
    is_told(client_of(user()).put(ORDERS, {}, headers=sent), 405, "method_not_allowed")
    is_told(
        client_of(user()).post("/api/v1/kitchen/stations/x/open/", {}, headers=sent),
        403,
        "permission_denied",
    )


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, identity", "GZIP"])
@pytest.mark.parametrize("path", [ORDERS, LOGIN])
def test_a_compressed_body_is_refused_as_that(path: str, coding: str) -> None:
    body: Any = gzip.compress(json.dumps(ORDER).encode())
    answer = client_of(user()).post(
        path, body, content_type=JSON, headers={"Content-Encoding": coding}
    )
    is_told(answer, 415, "unsupported_encoding")
    assert answer["Accept-Encoding"] == "identity"


def test_a_body_that_is_said_to_be_as_it_is_is_read() -> None:
    answer = client_of(user()).post(
        ORDERS, {}, format="json", headers={"Content-Encoding": "identity"}
    )
    is_told(answer, 400, "invalid")


@pytest.mark.usefixtures("menu")
@pytest.mark.parametrize(
    ("accept", "given"),
    [
        *((kind, JSON) for kind in ("", " ", "*/*", JSON, "application/*")),
        (f"{HTML};q=0.9, {JSON}", JSON),
        *((kind, JSON) for kind in (f"{HTML}, {JSON}", "image/png, */*;q=0.1", "Application/JSON")),
        *((kind, HTML) for kind in (BROWSER, f"{JSON};q=0.1, {HTML}", f"*/*;q=0.5, {HTML}")),
        *((kind, HTML) for kind in (f"{JSON};q=0, */*", f"{JSON};q=0.2, */*;q=0.3")),
        *((kind, HTML) for kind in (f"application/*;q=0.1, {HTML};q=0.2", "text/*")),
        *((kind, "") for kind in ("*/*;q=0", f"{JSON};q=0", f"{JSON};q=0.000, {HTML};q=0")),
        *((kind, "") for kind in ("image/png", "*/*;q=0, image/*", f"{HTML};q=0, {JSON};q=0, */*")),
    ],
)
def test_it_gives_what_is_liked_most(accept: str, given: str) -> None:
    answer = client_of(user()).get(MENU, headers={"Accept": accept})
    if given:
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(given)
    else:
        assert (answer.status_code, json.loads(answer.content)["code"]) == (406, "not_acceptable")


@pytest.mark.usefixtures("menu")
def test_a_client_may_have_its_json_indented() -> None:
    plain = client_of(user()).get("/api/v1/kitchen/tickets/?x=1")
    answer = client_of(user()).get(
        "/api/v1/kitchen/tickets/?x=1", headers={"Accept": f"{JSON}; indent=2"}
    )
    assert len(answer.content.splitlines()) > len(plain.content.splitlines())


@pytest.mark.parametrize("form", ["xml", "csv", "html"])
def test_a_form_that_there_is_not_is_not_acceptable(form: str) -> None:
    told = is_told(client_of(user()).get(f"{MENU}?format={form}"), 406, "not_acceptable")
    assert "`format` is one of json, api." in told["detail"]


def test_a_request_that_cannot_be_read_is_told_why() -> None:
    host = is_told(Client().get(MENU, headers={"Host": "evil.example"}), 400, "bad_request")
    assert "Host" in host["detail"]
    query = "&".join(f"f{n}=" for n in range(1001))
    many = is_told(Client().get(f"{MENU}?{query}"), 400, "bad_request")
    assert "more than 1000 query parameters" in many["detail"]


def test_a_body_that_is_too_big_is_told_how_big_it_may_be() -> None:
    body: Any = b"x" * 70_000
    answer = client_of(user()).post(ORDERS, body, content_type=JSON)
    assert "64 KiB" in is_told(answer, 413, "body_too_large")["detail"]


@pytest.mark.usefixtures("menu")
def test_a_query_is_told_of_all_that_is_wrong_at_once() -> None:
    answer = client_of(user()).get(f"{ORDERS}?colour=red&cursor=1&cursor=2&customer=")
    told = is_told(answer, 400, "unknown_parameter")
    assert [(part["parameter"], part["code"]) for part in told["errors"]] == [
        ("colour", "unknown_parameter"),
        ("cursor", "repeated_parameter"),
        ("customer", "blank"),
    ]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("orders/?status=eaten", "placed, accepted, cooking"),
        ("kitchen/tickets/?status=burnt", "queued, cooking, done, cancelled"),
        ("kitchen/stations/?mode=steam", "auto"),
        ("delivery/couriers/?mode=bike", "auto"),
        ("delivery/couriers/?on_shift=yes", "true, false"),
        ("kitchen/tickets/?sort=up", "newest, oldest"),
        *(
            (f"orders/?created_after={time}", "as 2026-11-29T18:00:00Z")
            for time in (
                "yesterday",
                "2026-11-29",
                "2026-11-29T18:00:00",
                "2026-11-29T18:00:00+01:00",
                *("2026-W48-7T12:00:00Z", "2026-11-29T12:00Z", "2026-11-29T18:00:00Z%20"),
                *("20261129T180000Z", "2026-11-29T18:00:61Z", "2026-11-29%2018:00:00Z"),
            )
        ),
    ],
)
def test_a_query_is_told_what_would_be_right(query: str, told: str) -> None:
    answer = everybody().get(f"/api/v1/{query}")
    (part,) = is_told(answer, 400, "invalid")["errors"]
    assert told in part["detail"]


@pytest.mark.parametrize(
    "time",
    [
        *("2026-11-29T18:00:00Z", "2026-11-29t18:00:00.5z", "2026-11-29T18:00:00%2B01:00"),
        *("2026-12-31T23:59:60Z", "2026-11-29T18:00:00.123456789Z"),
    ],
)
def test_a_time_with_its_offset_is_taken(time: str) -> None:
    assert everybody().get(f"{ORDERS}?created_after={time}").status_code == 200
