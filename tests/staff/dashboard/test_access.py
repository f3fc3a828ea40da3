"""Who may see the dashboard, and who may have it count."""

import pytest
from django.test import Client
from django.urls import reverse

from restaurant.staff import books
from restaurant.staff.dashboard import rollup
from tests.staff.dashboard.ground import CSV, LOOK, PAGE, XLSX, person

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("at_noon"),
]


@pytest.mark.parametrize("address", [PAGE, CSV, XLSX])
def test_it_sends_strangers_to_the_login(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("address", [PAGE, LOOK, CSV, XLSX])
def test_it_refuses_staff_without_the_right(client: Client, address: str) -> None:
    client.force_login(person("view_order", "view_ticket", "view_pipeline"))
    assert client.get(address).status_code == 403


def test_it_refuses_to_count_for_who_may_not_look(client: Client) -> None:
    address = reverse("staff:dashboard_count")
    assert client.post(address).status_code == 401
    client.force_login(person("view_order"))
    assert client.post(address).status_code == 403
    assert not rollup.freshness()


def test_it_counts_by_a_post_with_a_token_only(manager: Client) -> None:
    address = reverse("staff:dashboard_count")
    assert manager.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = manager.cookies
    assert strict.post(address).status_code == 403
    assert not rollup.freshness()
    assert manager.post(address).json() == {"say": "Counted.", "more": False}
    assert set(rollup.freshness()) == set(books.PIPELINE)
