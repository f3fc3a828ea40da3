"""Changing many prices at once on the staff site."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.menu.repricing import Rule
from orders.models import Category, MenuItem, Option, OptionGroup, PriceChange, TrailEntry
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


class TestOptions:
    """Margherita: Size (M 0.00, L 3.00), Extra (olives 1.20, cheese 1.50, no basil -0.30)."""

    URL = TestPrices.URL
    TENTH = {**TestPrices.TENTH, "what": "options", "option": ""}

    def preview(self, client: Client, **values: str) -> Any:
        answer = client.post(self.URL, {**self.TENTH, **values})
        assert answer.status_code == 200
        return answer

    def change(self, client: Client, **values: str) -> Any:
        expected = self.preview(client, **values).context["expected"]
        sent = {**self.TENTH, **values, "expected": expected}
        assert client.post(self.URL, sent)["Location"] == LIST

    def differences(self) -> dict[str, str]:
        rows = Option.objects.filter(group__item__sku="MARGHERITA").values_list("sku", "price")
        return {sku: str(price) for sku, price in rows}

    def test_it_shows_the_new_differences_and_then_makes_them(self, client: Client) -> None:
        before = stored()
        page = self.preview(client, rounding="0.01")
        told = page.content.decode()
        assert "Margherita · Size: Large" in told
        assert "+€3.30" in told
        assert {row.option.sku for row in page.context["rows"]} == {
            *("SIZE-L", "OLIVES", "CHEESE", "NO-BASIL")
        }
        assert stored() == before
        self.change(client, rounding="0.01")
        assert self.differences() == {
            "SIZE-M": "0.00",
            "SIZE-L": "3.30",
            "OLIVES": "1.32",
            "CHEESE": "1.65",
            "NO-BASIL": "-0.33",
        }
        assert MenuItem.objects.get(sku="MARGHERITA").price == Decimal("9.50")
        history = PriceChange.objects.filter(via="bulk")
        assert set(history.values_list("item_sku", "option_sku", "old", "new", "by")) == {
            ("MARGHERITA", sku, Decimal(old), Decimal(new), "boss@example.com")
            for sku, old, new in (
                ("SIZE-L", "3.00", "3.30"),
                ("OLIVES", "1.20", "1.32"),
                ("CHEESE", "1.50", "1.65"),
                ("NO-BASIL", "-0.30", "-0.33"),
            )
        }
        told = TrailEntry.objects.filter(action="change_prices", actor="boss@example.com")
        assert set(told.values_list("object_type", "object_name")) == {
            ("orders.option", name) for name in ("Large", "Olives", "Cheese", "No basil")
        }

    def test_it_changes_dishes_with_their_options(self, client: Client) -> None:
        self.change(client, what="both")
        assert MenuItem.objects.get(sku="COLA").price == Decimal("3.10")
        assert self.differences()["SIZE-L"] == "3.30"
        told = TrailEntry.objects.filter(action="change_prices")
        kinds = list(told.values_list("object_type", flat=True))
        assert (kinds.count("orders.menuitem"), kinds.count("orders.option")) == (3, 4)

    @pytest.mark.parametrize(
        ("option", "skus"),
        [
            ('["Extra", ""]', {"OLIVES", "CHEESE", "NO-BASIL"}),
            ('["Extra", "CHEESE"]', {"CHEESE"}),
        ],
    )
    def test_it_changes_the_options_chosen(
        self, client: Client, option: str, skus: set[str]
    ) -> None:
        self.change(client, option=option)
        changed = PriceChange.objects.filter(via="bulk").values_list("option_sku", flat=True)
        assert set(changed) == skus

    def test_it_changes_them_of_the_dishes_chosen(self, client: Client) -> None:
        drinks = Category.objects.get(name="Drinks").pk
        page = self.preview(client, category=str(drinks))
        # Ice is free, and stays so.
        assert page.context["rows"] == []
        assert "There are no such prices." in page.content.decode()

    def test_it_leaves_out_what_may_not_be_so(self, client: Client) -> None:
        page = self.preview(client, percent="", amount="-1.40")
        assert {row.option.sku: row.refusal for row in page.context["rows"]} == {
            "SIZE-L": "",
            "OLIVES": "dearer would become cheaper",
            "CHEESE": "",
            "NO-BASIL": "",
        }
        page = self.preview(client, percent="", amount="0.50", option='["Extra", "NO-BASIL"]')
        (row,) = page.context["rows"]
        assert (row.refusal, page.context["changed"]) == ("cheaper would become dearer", 0)

    def test_it_lets_no_discount_outgrow_the_dish(self, client: Client) -> None:
        MenuItem.objects.filter(sku="MARGHERITA").update(price="0.30")
        page = self.preview(client, what="both", rounding="0.01", percent="-50")
        refused = {row.option and row.option.sku for row in page.context["rows"] if row.refusal}
        # Half the price bears half the discount.
        assert refused == set()
        page = self.preview(client, percent="100", rounding="0.01", option='["Extra", "NO-BASIL"]')
        (row,) = page.context["rows"]
        assert row.refusal == "options could bring it down to -0.30"
        assert page.context["changed"] == 0

    def test_it_asks_again_when_a_difference_has_changed_since(self, client: Client) -> None:
        expected = self.preview(client).context["expected"]
        Option.objects.filter(sku="CHEESE").update(price=2)
        before = stored()
        answer = client.post(self.URL, {**self.TENTH, "expected": expected})
        assert "A price has changed meanwhile" in answer.content.decode()
        assert stored() == before
        assert not PriceChange.objects.filter(via="bulk").exists()

    def test_what_was_agreed_to_for_dishes_is_not_done_to_options(self, client: Client) -> None:
        expected = self.preview(client, what="dishes").context["expected"]
        before = stored()
        answer = client.post(self.URL, {**self.TENTH, "what": "both", "expected": expected})
        assert "A price has changed meanwhile" in answer.content.decode()
        assert stored() == before

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"what": "all"}, "what"),
            ({"option": "Extra"}, "option"),
            ({"option": '["No such", ""]'}, "option"),
            ({"rounding": "x.90"}, "rounding"),
            ({"rounding": "x.99", "what": "both"}, "rounding"),
            ({"amount": "1e9"}, "amount"),
            ({"percent": "NaN"}, "percent"),
        ],
    )
    def test_it_refuses_what_is_no_rule(
        self, client: Client, values: dict[str, str], field: str
    ) -> None:
        before = stored()
        answer = client.post(self.URL, {**self.TENTH, **values, "expected": "x"})
        assert answer.status_code == 200
        assert set(answer.context["form"].errors) == {field}
        assert answer.context.get("rows") is None
        assert stored() == before

    def test_it_takes_the_right_to_change_options(self) -> None:
        browser, before = person("view_menuitem", "change_menuitem"), stored()
        assert "what" not in browser.get(self.URL).context["form"].fields
        page = self.preview(browser)
        assert {row.option for row in page.context["rows"]} == {None}
        assert stored() == before

    def test_it_asks_the_database_as_often_for_many_as_for_few(self, client: Client) -> None:
        with CaptureQueriesContext(connections["orders"]) as few:
            self.preview(client)
        item = MenuItem.objects.get(sku="MARGHERITA")
        for number in range(20):
            group = OptionGroup.objects.create(item=item, name=f"Group {number}")
            Option.objects.create(group=group, sku=f"OPTION-{number}", name="Option", price=1)
        with CaptureQueriesContext(connections["orders"]) as many:
            self.preview(client)
        assert len(few) == len(many)


@pytest.mark.parametrize(
    ("old", "percent", "amount", "step", "new"),
    [
        ("1.20", "10", "0", "0.05", "1.30"),
        ("-0.30", "10", "0", "0.05", "-0.35"),
        ("-0.30", "10", "0", "0.01", "-0.33"),
        ("0.00", "10", "0.50", "0.05", "0.00"),
        ("0.02", "10", "0", "0.05", "0.05"),
        ("-0.02", "10", "0", "0.05", "-0.05"),
        ("1.50", "-100", "0", "0.05", "0.00"),
        ("-0.30", "0", "0.30", "0.05", "0.00"),
        ("1.50", "0", "-2.00", "0.05", "-0.50"),
    ],
)
def test_it_rounds_a_difference_as_said(
    old: str, percent: str, amount: str, step: str, new: str
) -> None:
    rule = Rule(percent=Decimal(percent), amount=Decimal(amount), step=Decimal(step))
    assert str(rule.difference(Decimal(old))) == new
