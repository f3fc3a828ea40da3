"""The order of categories and dishes on the staff site."""

import pytest
from django.test import Client

from orders.menu import compiled
from orders.models import Category, MenuItem, TrailEntry
from tests.orders.menu_admin.ground import LIST, person
from tests.orders.test_menu import stored

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu"),
]


class TestArranging:
    URL = f"{LIST}arrange/"

    def order(self, *skus: str) -> list[str]:
        keys = {f"c{row.name}": f"c{row.pk}" for row in Category.objects.all()}
        keys |= {row.sku: f"i{row.pk}" for row in MenuItem.objects.all()}
        return [keys[sku] for sku in skus]

    def test_it_orders_categories_and_dishes(self, client: Client) -> None:
        assert client.get(self.URL).status_code == 200
        order = self.order("cDrinks", "WATER", "COLA", "cPizza", "MARGHERITA")
        client.post(self.URL, {"order": order})
        shown = compiled.current().json
        assert shown.index(b"WATER") < shown.index(b"COLA") < shown.index(b"MARGHERITA")
        assert TrailEntry.objects.filter(action="arrange_menu").count() == 4

    def test_a_dish_goes_to_another_category(self, client: Client) -> None:
        client.post(
            self.URL, {"order": self.order("cPizza", "COLA", "MARGHERITA", "cDrinks", "WATER")}
        )
        assert [i.sku for i in Category.objects.get(name="Pizza").items.all()] == [
            "COLA",
            "MARGHERITA",
        ]

    @pytest.mark.parametrize(
        "order", [[], ["i1"], ["c1", "x"], ["c99999"], ["c1", "c1"], ["c" + "9" * 30]]
    )
    def test_it_refuses_an_order_of_another_menu(self, client: Client, order: list[str]) -> None:
        before = stored()
        answer = client.post(self.URL, {"order": order}, follow=True)
        assert "was not arranged" in answer.content.decode()
        assert stored() == before

    def test_it_takes_the_permission(self) -> None:
        browser = person("view_menuitem")
        assert browser.get(self.URL).status_code == 403
        assert browser.post(self.URL, {"order": []}).status_code == 403
