"""A dish's form on the staff site, with its option groups."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.menu import compiled
from orders.models import (
    Category,
    MenuItem,
    Option,
    OptionGroup,
    OutboxMessage,
    PriceChange,
    TrailEntry,
)
from tests.orders.menu_admin.ground import LIST, change, errors, form_of, formset, person
from tests.orders.test_menu import stored

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu"),
]
SIZE, EXTRA = "option_groups-0", "option_groups-1"


class TestForm:
    def test_saving_what_is_there_changes_nothing(self, client: Client) -> None:
        before = stored()
        assert change(client, "MARGHERITA").status_code == 302
        assert stored() == before
        assert not PriceChange.objects.filter(via="admin").exists()

    def test_it_changes_a_dish_its_groups_and_their_options(self, client: Client) -> None:
        version = compiled.version()
        values = {
            "price": "10.00",
            f"{SIZE}-name": "How large",
            f"{SIZE}-options-1-price": "4.00",
        }
        assert change(client, "MARGHERITA", **values).status_code == 302
        assert MenuItem.objects.get(sku="MARGHERITA").price == Decimal("10.00")
        assert OptionGroup.objects.get(name="How large").options.get(sku="SIZE-L").price == 4
        assert compiled.version() != version
        assert set(
            PriceChange.objects.filter(via="admin").values_list("option_sku", "old", "new", "by")
        ) == {
            ("", Decimal("9.50"), Decimal("10.00"), "boss@example.com"),
            ("SIZE-L", Decimal("3.00"), Decimal("4.00"), "boss@example.com"),
        }
        assert set(
            TrailEntry.objects.filter(via="admin").values_list(
                "action", "object_type", "object_name"
            )
        ) == {
            ("change", "orders.menuitem", "Margherita"),
            ("change", "orders.optiongroup", "Size"),
            ("change", "orders.option", "Large"),
        }

    def test_it_adds_a_group_with_options_behind_the_others(self, client: Client) -> None:
        new = "option_groups-2"
        values = {
            "option_groups-TOTAL_FORMS": 3,
            f"{new}-name": "Sauce",
            f"{new}-min": 0,
            f"{new}-max": 1,
            f"{new}-position": "",
            f"{new}-options-TOTAL_FORMS": 2,
            f"{new}-options-INITIAL_FORMS": 0,
            f"{new}-options-0-sku": "HOT",
            f"{new}-options-0-name": "Hot",
            f"{new}-options-0-price": "0.50",
            f"{new}-options-0-position": "",
            f"{new}-options-1-sku": "MILD",
            f"{new}-options-1-name": "Mild",
            f"{new}-options-1-price": "0",
            f"{new}-options-1-position": "0",
        }
        assert change(client, "MARGHERITA", **values).status_code == 302
        groups = MenuItem.objects.get(sku="MARGHERITA").option_groups.all()
        assert [(g.name, g.position) for g in groups] == [("Size", 0), ("Extra", 1), ("Sauce", 2)]
        assert [o.sku for o in groups[2].options.all()] == ["MILD", "HOT"]

    def test_it_orders_options_as_they_were_dragged(self, client: Client) -> None:
        places = {f"{EXTRA}-options-{i}-position": at for i, at in enumerate((2, 0, 1))}
        assert change(client, "MARGHERITA", **places).status_code == 302
        extra = OptionGroup.objects.get(name="Extra")
        assert [o.sku for o in extra.options.all()] == ["CHEESE", "NO-BASIL", "OLIVES"]

    def test_it_removes_a_group_with_its_options(self, client: Client) -> None:
        assert change(client, "MARGHERITA", **{f"{EXTRA}-DELETE": "on"}).status_code == 302
        assert not Option.objects.filter(sku="CHEESE").exists()
        assert PriceChange.objects.filter(option_sku="CHEESE", new=None, via="admin").exists()
        assert TrailEntry.objects.filter(action="delete", object_name="Cheese").exists()

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"price": "-1"}, "Ensure this value is greater than or equal to 0"),
            ({"sku": "A B"}, "does not fit: The name that clients order by."),
            ({"sku": "COLA"}, "already exists"),
            ({"name": "a\u202eb"}, "Leave out the character U+202E"),
            ({"station": "the oven"}, "does not fit: Code of the kitchen station"),
            ({"preparation_seconds": "90000"}, "more than the maximum of 86400"),
            ({"description": "x" * 2001}, "is longer than 2000 characters"),
            ({"price": "0.10"}, "options could bring it down to -0.20"),
            ({f"{SIZE}-options-0-price": "-9.30"}, "options could bring it down to -0.10"),
            ({f"{SIZE}-min": "2"}, "2 is more than max, 1"),
            ({f"{SIZE}-min": "3", f"{SIZE}-max": "3"}, "3 is more than there are options"),
            ({f"{SIZE}-max": "0", f"{SIZE}-min": "0"}, "0 is less than the minimum of 1"),
            ({f"{SIZE}-options-0-sku": "OLIVES"}, "OLIVES is already"),
            ({f"{SIZE}-options-0-name": "a\u202eb"}, "Leave out the character U+202E"),
            ({f"{SIZE}-options-0-sku": ""}, "This field is required"),
            ({f"{EXTRA}-name": "Size"}, "Size"),
            (
                {f"{SIZE}-options-{i}-DELETE": "on" for i in (0, 1)},
                "needs an option",
            ),
        ],
    )
    def test_it_holds_the_rules_of_a_menu_file(
        self, client: Client, values: dict[str, Any], told: str
    ) -> None:
        before, version = stored(), compiled.version()
        assert told in errors(change(client, "MARGHERITA", **values))
        assert (stored(), compiled.version()) == (before, version)

    def test_it_adds_a_dish(self, client: Client) -> None:
        data = form_of("COLA") | formset("option_groups", 0) | {"sku": "FANTA", "name": "Fanta"}
        assert client.post(f"{LIST}add/", data).status_code == 302
        drinks = Category.objects.get(name="Drinks")
        assert [item.sku for item in drinks.items.all()] == ["COLA", "WATER", "FANTA"]

    def test_deleting_a_dish_tells_the_screens_and_the_history(self, client: Client) -> None:
        pk = MenuItem.objects.get(sku="COLA").pk
        client.post(f"{LIST}{pk}/delete/", {"post": "yes"})
        assert PriceChange.objects.filter(item_sku="COLA", option_sku="", new=None).exists()
        assert OutboxMessage.objects.filter(topic="menu_changed").count() == 1

    def test_who_may_only_look_changes_nothing(self) -> None:
        browser, before = person("view_menuitem"), stored()
        pk = MenuItem.objects.get(sku="COLA").pk
        assert browser.get(f"{LIST}{pk}/change/").status_code == 200
        assert change(browser, "COLA", price="1").status_code == 403
        assert stored() == before

    def test_who_may_not_change_options_may_not_price_below_them(self) -> None:
        browser = person("view_menuitem", "change_menuitem")
        pk = MenuItem.objects.get(sku="MARGHERITA").pk
        data = {k: v for k, v in form_of("MARGHERITA").items() if "option" not in k}
        answer = browser.post(f"{LIST}{pk}/change/", data | {"price": "0.10"})
        assert "options could bring it down to -0.20" in errors(answer)

    def test_it_asks_the_database_as_often_for_many_groups_as_for_few(self, client: Client) -> None:
        item = MenuItem.objects.get(sku="MARGHERITA")
        address = f"{LIST}{item.pk}/change/"
        with CaptureQueriesContext(connections["orders"]) as few:
            client.get(address)
        for i in range(8):
            group = OptionGroup.objects.create(item=item, name=f"Group {i}")
            Option.objects.create(group=group, sku=f"OPTION-{i}", name="Option")
        with CaptureQueriesContext(connections["orders"]) as many:
            client.get(address)
        assert len(few) == len(many) == 7

    def test_it_shows_the_price_history(self, client: Client) -> None:
        change(client, "COLA", price="3.10")
        pk = MenuItem.objects.get(sku="COLA").pk
        page = client.get(f"{LIST}{pk}/change/").content.decode()
        assert "Price history" in page
        assert "€3.10" in page
        assert "boss@example.com" in page
