"""The menu: importing it, showing it, taking a dish off it."""

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from orders import services
from orders.errors import MenuRefused, UnknownItem
from orders.menu import compiled, file
from orders.menu.importing import import_menu
from orders.models import Category, MenuItem, MenuVersion, Option, OptionGroup, OutboxMessage
from proto import orders_pb2
from tests.orders.people import MENU

pytestmark = pytest.mark.django_db(databases=["orders"])
Write = Callable[[Any], Path]
URL = "/api/v1/menu/"


def changed(change: Callable[[Any], Any]) -> Any:
    menu = copy.deepcopy(MENU)
    change(menu)
    return menu


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_menu", str(path), *options, stdout=out)
    return out.getvalue()


def stored() -> list[Any]:
    return [
        sorted(model.objects.values_list()) for model in (Category, MenuItem, OptionGroup, Option)
    ]


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_it_imports_a_file(menu_file: Write, write: Any):
    changes = import_menu(menu_file(write(MENU)))
    assert (len(changes.added), changes.changed, changes.removed) == (14, [], [])
    item = MenuItem.objects.get(sku="MARGHERITA")
    assert (item.category.name, item.price, item.station) == ("Pizza", Decimal("9.50"), "oven")
    assert (item.preparation_seconds, item.available) == (480, True)
    size, extra = item.option_groups.all()
    assert (size.name, size.min, size.max) == ("Size", 1, 1)
    assert [o.sku for o in extra.options.all()] == ["OLIVES", "CHEESE", "NO-BASIL"]


def test_it_reads_the_format_of_the_documentation(tmp_path: Path):
    path = tmp_path / "menu.yaml"
    path.write_text(
        "currency: EUR\n"
        "categories:\n"
        "  - name: Pizza\n"
        "    items:\n"
        '      - {sku: M, name: Margherita, price: "9.50", station: oven, prep_seconds: 480,\n'
        "         available: true, option_groups: [{name: Size, min: 1, max: 1, options:\n"
        '         [{sku: SIZE-L, name: Large, price: "3.00"}]}]}\n'
        "      - {sku: N, name: Napoli, price: 10.1, station: oven, prep_seconds: 480}\n"
    )
    import_menu(path)
    assert MenuItem.objects.get(sku="N").price == Decimal("10.10")


@pytest.mark.usefixtures("menu")
class TestAgain:
    def test_the_same_file_changes_nothing(self, menu_file: Write):
        before, version = stored(), compiled.version()
        assert not import_menu(menu_file(MENU))
        assert (stored(), compiled.version()) == (before, version)

    def test_it_changes_only_what_changed(self, menu_file: Write):
        ids = dict(MenuItem.objects.values_list("sku", "pk"))

        def cheaper(menu: Any) -> None:
            menu["categories"][0]["items"][0]["price"] = "8.00"

        changes = import_menu(menu_file(changed(cheaper)))
        assert changes.changed == ["MARGHERITA: price 9.50 → 8.00"]
        assert (changes.added, changes.removed) == ([], [])
        assert dict(MenuItem.objects.values_list("sku", "pk")) == ids

    def test_what_the_file_does_not_name_leaves_the_menu(self, menu_file: Write):
        def smaller(menu: Any) -> None:
            del menu["categories"][1]["items"][0]
            del menu["categories"][0]["items"][0]["option_groups"][1]["options"][0]

        changes = import_menu(menu_file(changed(smaller)))
        assert set(changes.removed) == {
            "COLA",
            "COLA / Ice",
            "COLA / Ice / ICE",
            "MARGHERITA / Extra / OLIVES",
        }
        assert not MenuItem.objects.filter(sku="COLA").exists()
        assert Option.objects.count() == 4

    def test_a_dish_may_move_to_another_category(self, menu_file: Write):
        def renamed(menu: Any) -> None:
            menu["categories"][0]["name"] = "From the oven"

        before = MenuItem.objects.get(sku="MARGHERITA").pk
        changes = import_menu(menu_file(changed(renamed)))
        assert (changes.added, changes.removed) == (["From the oven"], ["Pizza"])
        item = MenuItem.objects.get(sku="MARGHERITA")
        assert (item.pk, item.category.name) == (before, "From the oven")

    def test_a_dish_86d_by_staff_stays_so_unless_the_file_says_otherwise(self, menu_file: Write):
        services.set_availability(sku="COLA", available=False)
        import_menu(menu_file(MENU))
        assert not MenuItem.objects.get(sku="COLA").available

        def back(menu: Any) -> None:
            menu["categories"][1]["items"][0]["available"] = True

        import_menu(menu_file(changed(back)))
        assert MenuItem.objects.get(sku="COLA").available

    def test_screens_are_told_of_what_can_be_ordered_no_more_or_again(self, menu_file: Write):
        def other(menu: Any) -> None:
            pizza, drinks = menu["categories"]
            pizza["items"][0]["price"] = "8.00"
            pizza["items"].append({**drinks["items"][1], "sku": "NEW"})
            drinks["items"][1]["available"] = True
            del drinks["items"][0]

        import_menu(menu_file(changed(other)))
        (row,) = OutboxMessage.objects.all()
        notice = orders_pb2.MenuChanged.FromString(bytes(row.payload))
        assert (row.topic, row.key) == ("menu_changed", notice.id)
        assert list(notice.skus) == ["COLA", "WATER"]

    def test_screens_are_not_told_of_what_stays_available(self, menu_file: Write):
        def cheaper(menu: Any) -> None:
            menu["categories"][0]["items"][0]["price"] = "8.00"

        def gone(menu: Any) -> None:
            menu["categories"].pop()

        import_menu(menu_file(changed(cheaper)))
        import_menu(menu_file(changed(gone)), dry_run=True)
        assert not OutboxMessage.objects.exists()

    def test_a_dry_run_tells_and_changes_nothing(self, menu_file: Write):
        def other(menu: Any) -> None:
            menu["categories"][0]["items"][0]["price"] = "8.00"
            menu["categories"].pop()

        before, version = stored(), compiled.version()
        told = run(menu_file(changed(other)), "--dry-run")
        assert "~ MARGHERITA: price 9.50 → 8.00" in told
        assert "- COLA" in told
        assert "would be 0 added, 1 changed" in told
        assert (stored(), compiled.version()) == (before, version)

    def test_a_bad_file_changes_nothing(self, menu_file: Write):
        def half_bad(menu: Any) -> None:
            menu["categories"][0]["items"][0]["price"] = "8.00"
            menu["categories"][1]["items"][0]["price"] = "a lot"

        before, version = stored(), compiled.version()
        with pytest.raises(CommandError) as refused:
            run(menu_file(changed(half_bad)))
        assert "categories[1].items[0].price: 'a lot' does not fit" in str(refused.value)
        assert (stored(), compiled.version()) == (before, version)


PIZZA = ("categories", 0, "items", 0)
SIZE = (*PIZZA, "option_groups", 0)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("currency",), "USD", "currency: USD is not this restaurant's EUR"),
        (("categories", 1, "name"), "Pizza", "categories[1].name: Pizza is already at"),
        ((*PIZZA, "sku"), "COLA", "categories[1].items[0].sku: COLA is already at"),
        ((*PIZZA, "sku"), "A B", "categories[0].items[0].sku: 'A B' does not fit"),
        ((*PIZZA, "price"), "-1", "categories[0].items[0].price: '-1' does not fit"),
        ((*PIZZA, "price"), 9.505, "categories[0].items[0].price: 9.505 has more than two"),
        ((*PIZZA, "price"), True, "categories[0].items[0].price: True does not fit"),
        ((*PIZZA, "prep_seconds"), -5, "categories[0].items[0].prep_seconds: -5 is less than"),
        ((*PIZZA, "name"), "a\u202eb", "categories[0].items[0].name: Leave out the character"),
        ((*PIZZA, "colour"), "red", "categories[0].items[0]: Additional properties"),
        ((*SIZE, "min"), 2, "categories[0].items[0].option_groups[0].min: 2 is more than max"),
        ((*SIZE, "options"), [], "categories[0].items[0].option_groups[0].options: [] "),
        (
            (*SIZE, "options", 0, "sku"),
            "OLIVES",
            "option_groups[1].options[0].sku: OLIVES is already at",
        ),
        (
            (*SIZE, "options", 0, "price"),
            "-9.30",
            "categories[0].items[0].price: options could bring it down to -0.10",
        ),
        (("categories",), None, "categories: None is not of type 'array'"),
    ],
)
def test_it_names_the_path_of_a_problem(
    menu_file: Write, path: tuple[Any, ...], value: Any, problem: str
):
    menu = copy.deepcopy(MENU)
    part: Any = menu
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    with pytest.raises(MenuRefused) as refused:
        import_menu(menu_file(menu))
    assert any(problem in told for told in refused.value.problems), refused.value.problems
    assert not MenuItem.objects.exists()


def test_it_tells_all_problems_at_once(menu_file: Write):
    item = {"sku": "A", "name": "A", "price": "x", "station": "", "prep_seconds": "y"}
    with pytest.raises(MenuRefused) as refused:
        file.read(menu_file({"currency": "EUR", "categories": [{"name": "", "items": [item]}]}))
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "[]",
        "{",
        "a: b: c",
        "currency: EUR\ncurrency: USD\ncategories: []",
        "x: .inf",
        "\0",
    ],
)
def test_it_refuses_what_is_no_menu(menu_file: Write, text: str):
    with pytest.raises(MenuRefused):
        file.read(menu_file(text))


def test_it_says_so_when_there_is_no_file(tmp_path: Path):
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.yaml")


@pytest.mark.usefixtures("menu")
class TestShown:
    def test_it_is_shown_to_anybody(self):
        response = APIClient().get(URL)
        assert response.status_code == 200
        menu = response.json()
        assert menu["currency"] == "EUR"
        assert [c["name"] for c in menu["categories"]] == ["Pizza", "Drinks"]
        pizza = menu["categories"][0]["items"][0]
        assert (pizza["sku"], pizza["price"], pizza["prep_seconds"]) == ("MARGHERITA", "9.50", 480)
        assert pizza["option_groups"][0]["options"][1] == {
            "sku": "SIZE-L",
            "name": "Large",
            "price": "3.00",
        }
        assert menu["categories"][1]["items"][1]["available"] is False

    def test_what_is_shown_can_be_imported(self, menu_file: Write):
        assert not import_menu(menu_file(APIClient().get(URL).json()))

    def test_it_costs_one_query_while_it_stays_the_same(self):
        APIClient().get(URL)
        with CaptureQueriesContext(connections["orders"]) as queries:
            APIClient().get(URL)
        assert len(queries) == 1

    def test_it_answers_304_until_it_changes(self):
        etag = APIClient().get(URL)["ETag"]
        unchanged = APIClient().get(URL, headers={"If-None-Match": etag})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        services.set_availability(sku="COLA", available=False)
        response = APIClient().get(URL, headers={"If-None-Match": etag})
        assert response.status_code == 200
        assert response.json()["categories"][1]["items"][0]["available"] is False

    @pytest.mark.parametrize(
        "write",
        [
            lambda: MenuItem.objects.get(sku="COLA").save(),
            lambda: MenuItem.objects.get(sku="COLA").delete(),
            lambda: MenuItem.objects.filter(sku="COLA").update(price=1),
            lambda: MenuItem.objects.filter(sku="COLA").delete(),
            lambda: Option.objects.get(sku="ICE").save(),
            lambda: OptionGroup.objects.all().delete(),
            lambda: Category.objects.create(name="New"),
        ],
    )
    def test_every_write_renews_its_version(self, write: Callable[[], Any]):
        before = compiled.version()
        write()
        assert compiled.version() != before
        assert MenuVersion.objects.count() == 1


@pytest.mark.usefixtures("menu")
def test_setting_what_is_set_changes_nothing():
    before = compiled.version()
    assert not services.set_availability(sku="COLA", available=True)
    assert compiled.version() == before
    with pytest.raises(UnknownItem):
        services.set_availability(sku="NOPE", available=True)


def test_an_empty_database_has_an_empty_menu():
    assert APIClient().get(URL).json() == {"currency": "EUR", "categories": []}
