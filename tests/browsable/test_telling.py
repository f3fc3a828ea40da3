"""What a page tells of its answer: its title, its headers, and what was wrong about its filters."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils.translation import override

from auth_grpc.models import User
from restaurant.browsable.titles import TITLES
from tests.staff import rows

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
]
V1 = "/api/v1/"
TOLD = ("Allow", "Cache-Control", "Content-Type", "ETag", "Link")


@pytest.fixture
def client(menu: None) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(User.objects.create_superuser("boss@example.com", "x"))
    return client


def text_of(client: Client, path: str, **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def headers_in(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    return {name: html.unescape(value) for name, value in found}


def paths() -> list[str]:
    order = rows.order(1)
    rows.order_line(1, of=order)
    delivery, ticket = rows.delivery(1), rows.ticket(1)
    return [
        *(V1, f"{V1}menu/", f"{V1}orders/", f"{V1}orders/{order.public_id}/"),
        *(f"{V1}orders/{order.public_id}/timeline/", f"{V1}orders/{order.public_id}/events/"),
        *(f"{V1}kitchen/tickets/", f"{V1}kitchen/tickets/{ticket.pk}/", f"{V1}kitchen/stations/"),
        *(f"{V1}delivery/deliveries/", f"{V1}delivery/deliveries/{delivery.order_id}/"),
        *(f"{V1}delivery/couriers/", f"{V1}orders/?state=x", f"{V1}kitchen/tickets/999999/"),
    ]


def test_its_headers_are_those_that_a_program_gets(client: Client) -> None:
    for path in paths():
        shown = headers_in(text_of(client, path))
        got = client.get(path, headers={"Accept": "application/json"})
        expected = {name: got[name] for name in TOLD if name in got}
        assert {name: shown[name] for name in TOLD if name in shown} == expected, path
        assert "ETag" in expected or got.status_code != 200 or "events" in path


def test_every_route_has_a_title() -> None:
    assert set(_names(get_resolver().url_patterns)) == set(TITLES)


def _names(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """Give the routes of the API itself, without its documents."""
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns, route)
        elif route.startswith(V1.removeprefix("/")):
            yield pattern.name


@pytest.mark.parametrize("language", ["en", "ru"])
def test_its_title_is_for_people(client: Client, language: str) -> None:
    for path in paths()[:-2]:
        page = text_of(client, path, **{"Accept-Language": language})
        (title,) = re.findall(r"<h1>(.*?)</h1>", page)
        with override(language):
            assert html.unescape(title) in [str(title) for title in TITLES.values()], path
        assert title.isascii() == (language == "en"), path


@pytest.mark.parametrize(
    ("query", "name"),
    [
        *(
            (f"kitchen/tickets/?{name}", name.partition("=")[0])
            for name in ("status=raw", "order=x")
        ),
        ("orders/?created_after=yesterday", "created_after"),
        ("delivery/couriers/?on_shift=maybe", "on_shift"),
    ],
)
def test_a_wrong_filter_is_told_beside_its_field(client: Client, query: str, name: str) -> None:
    page = client.get(V1 + query)
    assert page.status_code == 400
    (form,) = re.findall("<form method=.get.*?</form>", page.content.decode(), re.DOTALL)
    (row,) = re.findall(rf'<p><label for="id_{name}">.*?</p>', form, re.DOTALL)
    told = client.get(V1 + query, headers={"Accept": "application/json"}).json()["errors"]
    assert f'<span class="wrong">{html.escape(told[0]["detail"])}</span>' in row
    assert form.count('class="wrong"') == 1


def test_a_wrong_filter_is_told_to_who_may_see_no_list(menu: None) -> None:
    account = User.objects.create(email="ada@example.com")
    account.groups.add(Group.objects.get(name="courier"))
    client = Client(headers={"Accept": "text/html"})
    client.force_login(account)
    # No courier has this account.
    assert client.get(f"{V1}delivery/deliveries/").status_code == 403
    page = client.get(f"{V1}delivery/deliveries/?colour=red")
    assert page.status_code == 400
    assert "data-filters" in page.content.decode()


def test_a_filter_of_staffs_is_not_offered_to_a_customer(client: Client) -> None:
    customer = Client(headers={"Accept": "text/html"})
    customer.force_login(User.objects.create(email="ada@example.com"))
    for somebody, is_offered in ((client, True), (customer, False)):
        page = text_of(somebody, f"{V1}orders/")
        assert 'id="id_status"' in page
        assert ('id="id_customer"' in page) is is_offered
    # What is to blame is shown.
    assert 'id="id_customer"' in text_of(customer, f"{V1}orders/?customer=me")


def test_what_is_no_list_has_no_filters(client: Client) -> None:
    for path in (f"{V1}menu/", f"{V1}kitchen/tickets/{rows.ticket(1).pk}/"):
        assert "data-filters" not in text_of(client, path)
