"""Pages by cursor, while rows arrive; and what is no cursor."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from rest_framework.test import APIClient

from tests.reading.routes import everybody
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
# A list, what makes one more row of it, and what tells rows apart.
LISTS: dict[str, tuple[Callable[[int], Any], str]] = {
    "orders": (rows.order, "id"),
    "kitchen/tickets": (rows.ticket, "id"),
    "kitchen/stations": (rows.station, "code"),
    "delivery/deliveries": (rows.delivery, "order_id"),
    "delivery/couriers": (rows.courier, "id"),
}
NEWEST_FIRST = ["orders", "kitchen/tickets", "delivery/deliveries"]
LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')


@pytest.fixture
def client() -> APIClient:
    return everybody()


def page(client: APIClient, url: str) -> tuple[Any, dict[str, str]]:
    """Give a page's body, and its links by what they are."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return answer.json(), {name: to for to, name in LINK.findall(answer["Link"])}


def keys(body: Any, name: str) -> list[str]:
    return [row[LISTS[name][1]] for row in body["results"]]


@pytest.mark.parametrize("name", NEWEST_FIRST)
def test_pages_stay_right_while_rows_arrive(client: APIClient, name: str) -> None:
    make = LISTS[name][0]
    for n in range(5):
        make(n)
    url = f"/api/v1/{name}/?page_size=2"
    before = keys(page(client, f"/api/v1/{name}/")[0], name)
    seen, at = [], 10
    links = {"next": url}
    while "next" in links:
        body, links = page(client, links["next"])
        seen += keys(body, name)
        for _ in range(3):
            make(at := at + 1)
    assert seen == before
    # Back again: the same rows, and then those that came.
    back: list[str] = []
    while "prev" in links:
        body, links = page(client, links["prev"])
        back = keys(body, name) + back
    assert back == keys(page(client, f"/api/v1/{name}/")[0], name)[: len(back)]
    assert back[-4:] == before[:4]


@pytest.mark.parametrize("name", LISTS)
def test_the_header_has_the_links_of_the_body_and_the_first(client: APIClient, name: str) -> None:
    for n in range(5):
        LISTS[name][0](n)
    first = f"http://testserver/api/v1/{name}/?page_size=2"
    body, links = page(client, first)
    assert links == {"first": first, "next": body["next"]}
    body, links = page(client, body["next"])
    assert links == {"first": first, "next": body["next"], "prev": body["previous"]}
    body, links = page(client, body["next"])
    assert links == {"first": first, "prev": body["previous"]}
    assert body["next"] is None
    assert len(page(client, links["first"])[0]["results"]) == 2


def test_links_keep_what_the_list_was_asked_for(client: APIClient) -> None:
    for n in range(3):
        rows.order(n, status="cooked", status_rank=30)
        rows.order(n)
    query = "status=cooked,delivered&page_size=1&created_after=2026-01-01T00:00:00Z"
    body, links = page(client, f"/api/v1/orders/?{query}")
    while "next" in links:
        body, links = page(client, links["next"])
        assert [row["status"] for row in body["results"]] == ["cooked"]
    assert "cursor" not in links["first"]


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_has_a_first_page_alone(client: APIClient, name: str) -> None:
    body, links = page(client, f"/api/v1/{name}/")
    assert (body["next"], body["previous"], body["results"]) == (None, None, [])
    assert links == {"first": f"http://testserver/api/v1/{name}/"}


def made_up(**tokens: str) -> str:
    return b64encode(urlencode(tokens).encode()).decode()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "cursor",
    [
        *("nonsense", "é", "=", "%", b64encode(b"\xff").decode(), "x" * 2000),
        *(made_up(p="\0"), made_up(o="-1"), made_up(r="x", p="1"), made_up(x="1"), made_up(o="0")),
    ],
)
def test_it_refuses_what_is_no_cursor(client: APIClient, name: str, cursor: str) -> None:
    rows.order(1)
    is_refused(client.get(f"/api/v1/{name}/", {"cursor": cursor}))


@pytest.mark.parametrize("name", NEWEST_FIRST)
@pytest.mark.parametrize("place", ["x", "1.5", "9" * 30, "-" + "9" * 30, "", "None"])
def test_it_refuses_a_place_that_no_row_has(client: APIClient, name: str, place: str) -> None:
    for n in range(2):
        LISTS[name][0](n)
    # That of the list's own, but for the place in it.
    mark, _colon, _place = place_in(a_cursor(client, name)).partition(":")
    is_refused(client.get(f"/api/v1/{name}/", {"cursor": made_up(p=f"{mark}:{place}")}))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("others", [*LISTS, "kitchen/tickets/?sort=oldest"])
def test_it_takes_no_cursor_of_another_list_or_order(
    client: APIClient, name: str, others: str
) -> None:
    for make, _key in LISTS.values():
        for n in range(3):
            make(n)
    answer = client.get(f"/api/v1/{name}/", {"cursor": a_cursor(client, others)})
    if name == others:
        assert answer.status_code == 200
    else:
        is_refused(answer)


def is_refused(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
    (error,) = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == ("cursor", "invalid")
    assert error["detail"]


def a_cursor(client: APIClient, name: str) -> str:
    """Give that of a list's second page."""
    path, _mark, query = name.partition("?")
    following = client.get(f"/api/v1/{path.rstrip('/')}/?page_size=1&{query}".rstrip("&"))
    (cursor,) = parse_qs(urlsplit(str(following.json()["next"])).query)["cursor"]
    return cursor


def place_in(cursor: str) -> str:
    (place,) = parse_qs(b64decode(cursor).decode())["p"]
    return place
