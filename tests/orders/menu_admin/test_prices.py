"""Changing many prices at once on the staff site."""

from decimal import Decimal

import pytest
from django.test import Client

from orders.models import Category, MenuItem, PriceChange, TrailEntry
from tests.orders.menu_admin.ground import LIST, person
from tests.orders.test_menu import stored

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu"),
]


class TestPrices:
    URL = f"{LIST}prices/"
    TENTH = {"items": "", "category": "", "percent": "10", "amount": "", "rounding": "0.05"}

    def preview(self, client: Client, **values: str) -> dict[str, str]:
        """Give what the confirmation sends."""
        data = {**self.TENTH, **values}
        answer = client.post(self.URL, data)
        assert answer.status_code == 200
        return {**data, "expected": answer.context["expected"]}

    def test_it_shows_the_new_prices_and_then_makes_them(self, client: Client) -> None:
        before = stored()
        confirmed = self.preview(client)
        assert stored() == before
        assert client.post(self.URL, confirmed)["Location"] == LIST
        prices = dict(MenuItem.objects.values_list("sku", "price"))
        assert {k: str(v) for k, v in prices.items()} == {
            "MARGHERITA": "10.45",
            "COLA": "3.10",
            "WATER": "2.20",
        }
        assert set(PriceChange.objects.filter(via="bulk").values_list("item_sku", "by")) == {
            (sku, "boss@example.com") for sku in prices
        }
        assert TrailEntry.objects.filter(action="change_prices").count() == 3

    def test_it_changes_one_category(self, client: Client) -> None:
        drinks = Category.objects.get(name="Drinks").pk
        confirmed = self.preview(client, category=str(drinks), percent="", amount="0.20")
        client.post(self.URL, confirmed)
        assert {r.item_sku for r in PriceChange.objects.filter(via="bulk")} == {"COLA", "WATER"}

    def test_it_changes_the_dishes_chosen_in_the_list(self, client: Client) -> None:
        pk = MenuItem.objects.get(sku="COLA").pk
        answer = client.post(LIST, {"action": "reprice", "_selected_action": [pk]}, follow=True)
        assert answer.redirect_chain == [(f"{self.URL}?items={pk}", 302)]
        client.post(self.URL, self.preview(client, items=str(pk)))
        assert [r.item_sku for r in PriceChange.objects.filter(via="bulk")] == ["COLA"]

    def test_it_leaves_out_what_may_not_be_so(self, client: Client) -> None:
        confirmed = self.preview(client, percent="", amount="-2.50")
        answer = client.post(self.URL, self.TENTH | {"percent": "", "amount": "-2.50"})
        assert {r.item.sku: r.refusal for r in answer.context["rows"]} == {
            "MARGHERITA": "",
            "COLA": "",
            "WATER": "less than nothing",
        }
        client.post(self.URL, confirmed)
        assert MenuItem.objects.get(sku="WATER").price == 2
        assert MenuItem.objects.get(sku="COLA").price == Decimal("0.30")

    def test_it_asks_again_when_a_price_has_changed_since(self, client: Client) -> None:
        confirmed = self.preview(client)
        MenuItem.objects.filter(sku="COLA").update(price=5)
        before = stored()
        answer = client.post(self.URL, confirmed)
        assert "A price has changed meanwhile" in answer.content.decode()
        assert stored() == before
        confirmed["expected"] = answer.context["expected"]
        client.post(self.URL, confirmed)
        assert MenuItem.objects.get(sku="COLA").price == Decimal("5.50")

    def test_an_86_meanwhile_is_no_other_price(self, client: Client) -> None:
        confirmed = self.preview(client)
        MenuItem.objects.filter(sku="COLA").update(available=False)
        assert client.post(self.URL, confirmed).status_code == 302

    @pytest.mark.parametrize(
        "values",
        [
            {"percent": ""},
            {"percent": "x"},
            {"percent": "-200"},
            {"rounding": "7"},
            {"items": "1,x"},
            {"category": "99999"},
            {"amount": "1.234"},
        ],
    )
    def test_it_refuses_what_is_no_rule(self, client: Client, values: dict[str, str]) -> None:
        before = stored()
        answer = client.post(self.URL, {**self.TENTH, **values, "expected": "x"})
        assert answer.status_code == 200
        assert answer.context.get("rows") is None
        assert stored() == before

    def test_it_takes_the_permission(self) -> None:
        browser = person("view_menuitem", "set_availability")
        assert browser.get(self.URL).status_code == 403
        assert browser.post(self.URL, self.TENTH).status_code == 403
