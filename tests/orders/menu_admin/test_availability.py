"""86 and back from the list of dishes."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from auth_grpc.models import User
from orders.models import MenuItem, OutboxMessage, TrailEntry
from tests.orders.menu_admin.ground import LIST, person

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu"),
]


class TestAvailability:
    def press(self, browser: Client, sku: str, available: str) -> Any:
        pk = MenuItem.objects.get(sku=sku).pk
        address = reverse("admin:orders_menuitem_availability", args=[pk])
        headers = {"Accept": "application/json"}
        return browser.post(address, {"available": available}, headers=headers)

    def test_one_click_takes_a_dish_off_and_another_puts_it_back(self, client: Client) -> None:
        answer = self.press(client, "COLA", "0").json()
        assert answer["say"] == "Cola is 86'd."
        assert "Put back" in answer["cell"]
        assert not MenuItem.objects.get(sku="COLA").available
        assert "On sale" in self.press(client, "COLA", "1").json()["cell"]
        assert MenuItem.objects.get(sku="COLA").available
        actions = TrailEntry.objects.order_by("id").values_list("action", flat=True)
        assert list(actions)[-2:] == ["take_off", "put_back"]
        assert OutboxMessage.objects.filter(topic="menu_changed").count() == 2

    def test_pressing_twice_is_once(self, client: Client) -> None:
        self.press(client, "COLA", "0")
        assert self.press(client, "COLA", "0").status_code == 200
        assert TrailEntry.objects.filter(action="take_off").count() == 1

    def test_it_takes_the_permission(self) -> None:
        browser = person("view_menuitem", "change_menuitem")
        assert self.press(browser, "COLA", "0").status_code == 403
        assert MenuItem.objects.get(sku="COLA").available
        assert "formaction" not in browser.get(LIST).content.decode()

    def test_a_cook_may(self) -> None:
        browser = person("view_menuitem", "set_availability")
        assert "formaction" in browser.get(LIST).content.decode()
        assert self.press(browser, "COLA", "0").status_code == 200

    def test_it_takes_a_post_and_a_token(self, client: Client) -> None:
        pk = MenuItem.objects.get(sku="COLA").pk
        address = reverse("admin:orders_menuitem_availability", args=[pk])
        assert client.get(address).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(User.objects.get(email="boss@example.com"))
        assert strict.post(address, {"available": "0"}).status_code == 403
        assert MenuItem.objects.get(sku="COLA").available

    def test_without_a_script_it_leads_back_to_the_list(self, client: Client) -> None:
        pk = MenuItem.objects.get(sku="COLA").pk
        address = reverse("admin:orders_menuitem_availability", args=[pk])
        assert client.post(address, {"available": "0"})["Location"] == LIST
