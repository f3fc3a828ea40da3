"""What a client has is not sent again, and the rest is compressed for who takes it."""

import gzip
import json
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from rest_framework.test import APIClient

from orders.models import Order
from restaurant.conditional import Conditional
from restaurant.gzipped import LEAST_BYTES, takes_gzip
from restaurant.problems import MEDIA_TYPE
from tests.reading.routes import Route, everybody, routes
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
LISTS = ["/api/v1/orders/", "/api/v1/kitchen/tickets/", "/api/v1/delivery/deliveries/"]
GZIP = {"Accept-Encoding": "br, gzip;q=0.8"}
# What an answer says of its content; the rest differs from one request to the next.
OF_CONTENT = ("Content-Type", "Content-Length", "Content-Encoding", "ETag", "Vary", "Allow", "Link")


@pytest.fixture
def client() -> APIClient:
    return everybody()


@pytest.fixture
def url() -> str:
    """An order with its lines and story, which is read plain and long."""
    order = rows.order(1)
    for n in range(20):
        rows.order_line(n, of=order)
        rows.timeline_entry(n, of=order)
    return f"/api/v1/orders/{order.public_id}/"


def fill() -> None:
    for n in range(10):
        rows.order(n)
        rows.ticket(n)
        rows.delivery(n)


@pytest.mark.parametrize("path", [*LISTS, "/api/v1/menu/", "/api/v1/kitchen/stations/"])
def test_every_list_has_a_tag_and_is_not_sent_twice(client: APIClient, path: str) -> None:
    fill()
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert "no-cache" in again["Cache-Control"]
    assert not {"Content-Type", "Content-Encoding"} & set(again.headers)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_that_has_changed_is_sent(client: APIClient, path: str) -> None:
    fill()
    etag = client.get(path)["ETag"]
    fill()
    answer = client.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer["ETag"] != etag


@pytest.mark.parametrize(
    ("known", "status"),
    [
        *(("{}", 304), ("W/{}", 304), ('"x", {}', 304), ('"x",W/{} , "y"', 304), ("*", 304)),
        *(('"x"', 200), ("", 200), ("nonsense", 200), ('W/"x"', 200)),
    ],
)
def test_it_compares_tags_weakly(client: APIClient, url: str, known: str, status: int) -> None:
    etag = client.get(url)["ETag"]
    sent = {"If-None-Match": known.format(etag)}
    assert client.get(url, headers=sent).status_code == status
    assert client.head(url, headers=sent).status_code == status


@pytest.mark.parametrize(
    ("wanted", "status"), [("{}", 200), ("*", 200), ('"x"', 412), ("W/{}", 412), ('"x", {}', 200)]
)
def test_it_gives_no_other_version_than_the_wanted(
    client: APIClient, url: str, wanted: str, status: int
) -> None:
    answer = client.get(url, headers={"If-Match": wanted.format(client.get(url)["ETag"])})
    assert answer.status_code == status
    if status == 412:
        assert (answer["Content-Type"], answer.json()["code"]) == (
            MEDIA_TYPE,
            "precondition_failed",
        )


def test_what_else_an_old_copy_of_the_database_tells_of_an_order_is_sent(
    client: APIClient, url: str
) -> None:
    """Restored, it may come to as many changes as before by other ones."""
    etag = client.get(url)["ETag"]
    Order.objects.update(status=Order.Status.COOKED)
    answer = client.get(url, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.json()["status"]) == (200, "cooked")


@pytest.mark.parametrize("end", ["", "timeline/"])
def test_it_compresses_what_is_long_for_who_takes_it(client: APIClient, url: str, end: str) -> None:
    plain, packed = client.get(url + end), client.get(url + end, headers=GZIP)
    assert len(plain.content) > LEAST_BYTES > len(packed.content)
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.content)
    assert packed["ETag"] == f"W/{plain['ETag']}"
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer["Vary"]
        assert "Accept" in answer["Vary"].split(", ")
    again = client.get(url + end, headers={**GZIP, "If-None-Match": packed["ETag"]})
    assert (again.status_code, again["ETag"]) == (304, packed["ETag"])
    assert "Accept-Encoding" in again["Vary"]


def test_it_leaves_short_answers_alone(client: APIClient) -> None:
    answer = client.get("/api/v1/orders/", headers=GZIP)
    assert len(answer.content) < LEAST_BYTES
    assert "Content-Encoding" not in answer
    assert "Accept-Encoding" not in answer["Vary"]
    assert not answer["ETag"].startswith("W/")


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        *(
            (text, True)
            for text in ("gzip", "GZIP", "deflate, gzip;q=1.0", "x-gzip", "*", " gzip ")
        ),
        *((text, True) for text in ("gzip;q=0.001", "gzip; q=0.5, *;q=0", "gzip;foo=0")),
        *(
            (text, False)
            for text in ("", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzip ; q=0")
        ),
        *((text, False) for text in ("*;q=0", "br, *;q=0", "gzip;q=0, *", "mygzip", "gzip ; q=0")),
    ],
)
def test_it_knows_who_takes_gzip(accepted: str, expected: bool) -> None:
    assert takes_gzip(accepted) is expected


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse("x" * 9000, "application/json", headers={"Cache-Control": "no-store"}),
        HttpResponse("x" * 9000, "text/html"),
        HttpResponse("x" * 9000, "application/json", status=201),
        HttpResponse("x" * 9000, "application/problem+json", status=400),
        StreamingHttpResponse([b"data: x\n\n" * 900], content_type="application/json"),
    ],
    ids=["secret", "page", "written", "error", "stream"],
)
def test_it_touches_nothing_else(answer: Any) -> None:
    before = dict(answer.headers)
    request = RequestFactory().get("/api/v1/auth/", headers=GZIP)
    passed = Conditional(lambda _: answer)(request)
    assert passed is answer
    assert dict(answer.headers) == before


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/x/"), ("GET", "/admin/x/")])
def test_it_touches_nothing_that_is_not_read_of_the_api(method: str, path: str) -> None:
    answer = HttpResponse("x" * 9000, "application/json")
    request = RequestFactory().generic(method, path, headers=GZIP)
    assert "ETag" not in Conditional(lambda _: answer)(request)


def test_people_s_pages_are_sent_as_they_are(client: APIClient, url: str) -> None:
    etag = client.get(url)["ETag"]
    headers = {"Accept": "text/html", "If-None-Match": etag, **GZIP}
    page = client.get(url, headers=headers)
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Content-Encoding" not in page


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
@pytest.mark.parametrize("route", [r for r in routes() if r.method == "GET"], ids=str)
def test_head_says_of_each_address_what_get_does(
    client: APIClient, route: Route, headers: dict[str, str]
) -> None:
    fill()
    got, told = client.get(route.url, headers=headers), client.head(route.url, headers=headers)
    assert told.status_code == got.status_code
    assert told.content == b""
    assert [told.get(name) for name in OF_CONTENT] == [got.get(name) for name in OF_CONTENT]


@pytest.mark.parametrize("path", sorted({route.path for route in routes()}))
def test_options_names_each_address_s_methods(client: APIClient, path: str) -> None:
    here = [route for route in routes() if route.path == path]
    methods = {"OPTIONS", *(route.method for route in here)}
    if "GET" in methods:
        methods.add("HEAD")
    answer = client.options(here[0].url)
    assert answer.status_code == 200
    assert set(answer["Allow"].split(", ")) == methods
    refused = client.generic("DELETE", here[0].url)
    assert (refused.status_code, refused["Content-Type"]) == (405, MEDIA_TYPE)
    assert set(refused["Allow"].split(", ")) == methods
    assert json.loads(refused.content)["code"] == "method_not_allowed"
