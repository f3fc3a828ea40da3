"""What makes lists easy: empty ones say why, money is the reader's, keys lead to pages."""

import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone, translation
from django_celery_beat.models import SolarSchedule

import restaurant.urls  # noqa: F401 - has the site look for its pages
from orders.models import MenuItem, OrderLine
from restaurant.staff import keys
from restaurant.staff.deleting import WHAT
from restaurant.staff.empty import WHY
from restaurant.staff.navigation import GROUPS
from restaurant.staff.trail import words
from tests.boards.staff import client_of
from tests.staff import rows

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.once,
]
ORDERS = "/admin/orders/order/"
LABELS = {model._meta.label for model in admin.site._registry}


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_what_an_empty_list_waits_for() -> None:
    page = shown(client_of("support"), ORDERS)
    assert "Nothing here yet" in page
    assert "as soon as a customer places it" in page
    assert "Nothing fits" not in page


def test_it_says_that_nothing_fits_and_shows_all_again() -> None:
    now = timezone.now()
    rows.order(1, created_at=now, updated_at=now)
    support = client_of("support")
    for query, why in (
        ("?q=4711", "No row fits “4711”."),
        ("?overdue=yes", "No row fits the filters."),
        ("?q=4711&overdue=yes", "No row fits “4711” and the filters."),
    ):
        page = shown(support, ORDERS + query)
        assert "Nothing fits" in page
        assert why in page
        assert 'href="?"' in page
        assert "Nothing here yet" not in page


def test_it_offers_to_add_what_the_reader_may_add() -> None:
    assert "Add the people who drive" in shown(client_of("support"), "/admin/delivery/courier/")
    for role, offered in (("dispatch", True), ("support", False)):
        page = shown(client_of(role, name=f"{role}-two"), "/admin/delivery/courier/")
        assert ("Add courier" in page) == offered, role


def test_it_knows_the_lists_it_speaks_of() -> None:
    assert set(WHY) <= LABELS


@pytest.mark.parametrize(
    ("language", "text"), [("en", "€1,234.50"), ("ru", "1\u00a0234,50\u00a0€")]
)
def test_it_shows_money_as_the_reader_writes_it(language: str, text: str) -> None:
    rows.order(1, total=Decimal("1234.50"))
    support = client_of("support")
    page = support.get(ORDERS, headers={"Accept-Language": language}).content.decode()
    assert text in page


def test_it_shows_the_price_of_a_line_on_its_page_too() -> None:
    line = rows.ROWS["orders.OrderLine"](1)
    OrderLine.objects.filter(pk=line.pk).update(unit_price=Decimal("1234.50"))
    page = shown(client_of("support"), f"/admin/orders/orderline/{line.pk}/change/")
    assert "€1,234.50" in page
    assert "1234.50" not in page.replace("€1,234.50", "")


def test_it_writes_amounts_of_the_trail_as_the_reader_does() -> None:
    price = MenuItem._meta.get_field("price")
    latitude = SolarSchedule._meta.get_field("latitude")
    with translation.override("en"):
        assert words.value(price, "1234.50") == "€1,234.50"
    with translation.override("ru"):
        assert words.value(price, "1234.50") == "1\u00a0234,50\u00a0€"
        assert words.value(latitude, "56.946285") == "56,946285"


def test_it_writes_steps_of_prices_as_the_reader_does() -> None:
    manager = client_of("manager")
    address = "/admin/orders/menuitem/prices/"
    assert ">0.05<" in manager.get(address, headers={"Accept-Language": "en"}).content.decode()
    page = manager.get(address, headers={"Accept-Language": "ru"}).content.decode()
    assert ">0,05<" in page
    assert ">0.05<" not in page
    # What is sent is the same in every language.
    assert 'value="0.05"' in page


def test_it_shows_times_by_the_restaurants_clock(settings: object) -> None:
    settings.TIME_ZONE = "Europe/Riga"  # type: ignore[attr-defined]
    rows.order(1)
    assert "3 p.m." in shown(client_of("support"), ORDERS)


def test_it_lists_the_keys_of_the_pages_that_the_reader_may_see() -> None:
    page = shown(client_of("dispatch"), "/admin/delivery/courier/")
    for way, link in (("c", "/admin/delivery/courier/"), ("b", "/admin/delivery/board/")):
        assert f'<a href="{link}" data-way="{way}">' in page
    assert 'data-way="o"' not in page
    assert 'data-way="h"' in page


def test_it_gives_each_page_a_letter_of_its_own() -> None:
    known = {label for group in GROUPS for label in group.pages}
    assert set(keys.LETTERS) <= known
    letters = [*keys.LETTERS.values(), "h", "g"]
    assert len(letters) == len(set(letters))


def test_it_lists_no_keys_for_strangers_or_in_popups() -> None:
    assert "staff-keys" not in Client().get("/admin/login/").content.decode()
    page = shown(client_of("dispatch"), "/admin/delivery/courier/?_popup=1")
    assert 'id="staff-keys"' not in page


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("kitchen.Station", "are rejected from now on"),
        ("auth.Group", "lose its rights at once"),
        ("auth_grpc.LoginCount", "may try to log in again"),
        ("django_celery_beat.ClockedSchedule", "cannot be undone"),
    ],
)
def test_it_says_before_deleting_what_will_happen(label: str, told: str) -> None:
    made = rows.ROWS[label](0)
    boss = client_of("superuser")
    base = f"/admin/{label.lower().replace('.', '/')}/"
    assert told in shown(boss, f"{base}{made.pk}/delete/")
    sent = {"action": "delete_selected", "_selected_action": str(made.pk)}
    assert told in boss.post(base, sent).content.decode()
    assert type(made)._default_manager.filter(pk=made.pk).exists()


def test_it_knows_what_it_speaks_of_deleting() -> None:
    from django.apps import apps

    assert set(WHAT) <= {model._meta.label for model in apps.get_models()}


def test_it_shows_a_rows_state_in_words_on_its_page() -> None:
    delivery = rows.delivery(1)
    page = shown(client_of("dispatch"), f"/admin/delivery/delivery/{delivery.pk}/change/")
    assert "(&#x27;assigned" not in page
    assert re.search(r"<span[^>]*>\s*assigned\s*</span>", page)
