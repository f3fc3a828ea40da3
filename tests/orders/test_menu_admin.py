"""The menu on the staff site: a dish's form with its groups, prices, order, import and export."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auth_grpc.models import User
from orders.menu import compiled
from orders.models import (
    Category,
    MenuItem,
    MenuUpload,
    Option,
    OptionGroup,
    OutboxMessage,
    PriceChange,
    TrailEntry,
)
from tests.orders.test_menu import stored

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu"),
]
LIST = "/admin/orders/menuitem/"


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def person(*permissions: str) -> Client:
    """Give the browser of somebody who may do just this."""
    from django.contrib.auth.models import Permission

    user = User.objects.create_user("some@example.com", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=permissions, content_type__app_label="orders")
    )
    browser = Client()
    browser.force_login(user)
    return browser


def form_of(sku: str) -> dict[str, Any]:
    """Give what a dish's form sends when nothing is changed."""
    item = MenuItem.objects.get(sku=sku)
    data: dict[str, Any] = {
        "name": item.name,
        "sku": item.sku,
        "category": item.category_id,
        "description": item.description,
        "price": str(item.price),
        "station": item.station,
        "preparation_seconds": item.preparation_seconds,
    }
    groups = list(item.option_groups.all())
    data |= formset("option_groups", len(groups))
    for g, group in enumerate(groups):
        at = f"option_groups-{g}"
        options = list(group.options.all())
        data |= row(at, group, "name", "min", "max", "position") | {f"{at}-item": item.pk}
        data |= formset(f"{at}-options", len(options))
        for o, option in enumerate(options):
            place = f"{at}-options-{o}"
            data |= row(place, option, "sku", "name", "price", "position")
            data[f"{place}-group"] = group.pk
    return data


def formset(prefix: str, count: int) -> dict[str, Any]:
    return {f"{prefix}-TOTAL_FORMS": count, f"{prefix}-INITIAL_FORMS": count}


def row(prefix: str, of: Any, *names: str) -> dict[str, Any]:
    return {f"{prefix}-id": of.pk} | {f"{prefix}-{name}": getattr(of, name) for name in names}


def change(client: Client, dish: str, /, **values: Any) -> Any:
    pk = MenuItem.objects.get(sku=dish).pk
    return client.post(reverse("admin:orders_menuitem_change", args=[pk]), form_of(dish) | values)


def errors(answer: Any) -> str:
    """Give the page that says what is wrong; the form was not taken."""
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


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
            ({"name": "a\u202eb"}, "must not contain the character U+202E"),
            ({"station": "the oven"}, "does not fit: Code of the kitchen station"),
            ({"preparation_seconds": "90000"}, "more than the maximum of 86400"),
            ({"description": "x" * 2001}, "is longer than 2000 characters"),
            ({"price": "0.10"}, "options could bring it down to -0.20"),
            ({f"{SIZE}-options-0-price": "-9.30"}, "options could bring it down to -0.10"),
            ({f"{SIZE}-min": "2"}, "2 is more than max, 1"),
            ({f"{SIZE}-min": "3", f"{SIZE}-max": "3"}, "3 is more than there are options"),
            ({f"{SIZE}-max": "0", f"{SIZE}-min": "0"}, "0 is less than the minimum of 1"),
            ({f"{SIZE}-options-0-sku": "OLIVES"}, "OLIVES is already"),
            ({f"{SIZE}-options-0-name": "a\u202eb"}, "must not contain the character U+202E"),
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


class TestExchange:
    IMPORT = f"{LIST}import/"

    def export(self, client: Client, kind: str) -> bytes:
        answer = client.get(f"{LIST}export/{kind}/")
        assert answer.status_code == 200
        assert f".{kind}" in answer["Content-Disposition"]
        return answer.content

    def upload(self, client: Client, data: bytes, name: str = "menu.csv") -> Any:
        file = SimpleUploadedFile(name, data)
        return client.post(self.IMPORT, {"file": file}, follow=True)

    @pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml", "json"])
    def test_an_export_imported_again_changes_nothing(self, client: Client, kind: str) -> None:
        answer = self.upload(client, self.export(client, kind), f"menu.{kind}")
        assert "Nothing to do" in answer.content.decode()

    def test_it_shows_what_would_change_and_then_changes_it(self, client: Client) -> None:
        before = stored()
        data = self.export(client, "csv").replace(b",9.50,", b",8.00,").replace(b"Water", b"Still")
        shown = self.upload(client, data)
        assert stored() == before
        assert shown.context["prices"] == [{"label": "MARGHERITA", "old": "9.50", "new": "8.00"}]
        assert shown.context["changes"].changed == [
            "MARGHERITA: price 9.50 → 8.00",
            "WATER: name Water → Still",
        ]
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        assert client.post(self.IMPORT, sent)["Location"] == LIST
        assert MenuItem.objects.get(sku="MARGHERITA").price == 8
        assert PriceChange.objects.get(via="import").by == "boss@example.com"
        assert (
            TrailEntry.objects.filter(action="import_menu", actor="boss@example.com").count() == 2
        )
        assert not MenuUpload.objects.exists()

    def test_it_asks_again_when_something_else_would_change(self, client: Client) -> None:
        shown = self.upload(client, self.export(client, "csv").replace(b",9.50,", b",8.00,"))
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        MenuItem.objects.filter(sku="MARGHERITA").update(price=7)
        before = stored()
        answer = client.post(self.IMPORT, sent, follow=True)
        assert "The menu has changed meanwhile" in answer.content.decode()
        assert answer.context["prices"] == [{"label": "MARGHERITA", "old": "7.00", "new": "8.00"}]
        assert stored() == before

    def test_a_bad_file_changes_nothing_and_says_where(self, client: Client) -> None:
        before = stored()
        data = self.export(client, "csv").replace(b",9.50,", b",-9.50,").replace(b"Cola", b"=1+1")
        page = self.upload(client, data).content.decode()
        assert "row 2, price: " in page
        assert "row 8, name: begins like a formula" in page
        assert (stored(), MenuUpload.objects.count()) == (before, 0)

    def test_a_file_that_is_too_large_is_not_kept(self, client: Client) -> None:
        answer = self.upload(client, b"x" * (6 << 20))
        assert "The file is larger than 5 MB." in answer.content.decode()

    def test_nobody_brings_about_what_another_uploaded(self, client: Client) -> None:
        shown = self.upload(client, self.export(client, "csv").replace(b",9.50,", b",8.00,"))
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        other = person("view_menuitem", "change_menuitem")
        before = stored()
        assert other.post(self.IMPORT, sent)["Location"] == self.IMPORT
        assert other.get(f"{self.IMPORT}?upload=no-uuid").status_code == 302
        assert stored() == before

    def test_adding_and_removing_take_their_own_permissions(self, client: Client) -> None:
        data = self.export(client, "csv").replace(b"COLA", b"PEPSI")
        other = person("view_menuitem", "change_menuitem")
        shown = self.upload(other, data)
        assert shown.context["lacking"] == [
            "You may not add to the menu.",
            "You may not remove anything from the menu.",
        ]
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        before = stored()
        assert other.post(self.IMPORT, sent).status_code == 403
        assert stored() == before

    def test_export_takes_the_right_to_look_and_import_that_to_change(self) -> None:
        reader = person("view_menuitem")
        assert reader.get(f"{LIST}export/csv/").status_code == 200
        assert reader.get(self.IMPORT).status_code == 403
        assert self.upload(reader, b"x").status_code == 403
        reader.logout()
        assert reader.get(f"{LIST}export/csv/").status_code == 302

    def test_who_may_see_nothing_exports_nothing(self) -> None:
        for kind in ("csv", "xlsx", "yaml", "json"):
            assert person_less().get(f"{LIST}export/{kind}/").status_code == 403


def person_less() -> Client:
    browser = Client()
    user, _new = User.objects.get_or_create(email="nobody@example.com", defaults={"is_staff": True})
    browser.force_login(user)
    return browser
