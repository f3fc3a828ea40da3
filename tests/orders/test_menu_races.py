"""Several people at the menu at once, each with a database connection of their own."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from orders import services
from orders.errors import MenuMoved
from orders.menu import importing, repricing
from orders.menu.editing import COMMAND_LINE, editing
from orders.menu.file import normal
from orders.menu.repricing import Rule
from orders.models import MenuItem, PriceChange, TrailEntry
from tests.orders.people import MENU
from tests.threads import at_once

pytestmark = [
    pytest.mark.django_db(databases=["orders"], transaction=True),
    pytest.mark.usefixtures("menu"),
]
TENTH = Rule(percent=Decimal(10))


def test_of_two_who_agreed_to_the_same_prices_one_makes_them() -> None:
    ids = list(MenuItem.objects.values_list("pk", flat=True))
    expected = repricing.digest(repricing.plan(TENTH, ids))
    moved: list[MenuMoved] = []

    def confirm() -> None:
        try:
            repricing.apply(TENTH, ids, by=COMMAND_LINE, expected=expected)
        except MenuMoved as error:
            moved.append(error)

    at_once(*[confirm] * 4)
    assert len(moved) == 3
    assert MenuItem.objects.get(sku="MARGHERITA").price == Decimal("10.45")
    assert PriceChange.objects.filter(via="bulk").count() == 3


def test_a_dish_is_86d_while_prices_and_the_whole_menu_change() -> None:
    ids = list(MenuItem.objects.values_list("pk", flat=True))
    dearer: Any = copy.deepcopy(normal(MENU))
    dearer["categories"][0]["items"][0]["name"] = "Margherita D.O.P."

    def reprice() -> None:
        expected = repricing.digest(repricing.plan(TENTH, ids[:1]))
        repricing.apply(TENTH, ids[:1], by=COMMAND_LINE, expected=expected)

    def toggle() -> None:
        for available in (False, True, False):
            services.set_availability(sku="COLA", available=available)

    def bring() -> None:
        importing.bring(dearer, by=COMMAND_LINE, via="import")

    at_once(toggle, bring, toggle, bring)
    at_once(toggle, reprice)
    item = MenuItem.objects.get(sku="MARGHERITA")
    assert (item.name, item.price) == ("Margherita D.O.P.", Decimal("10.45"))
    assert not MenuItem.objects.get(sku="COLA").available


def test_what_fails_leaves_no_history_behind() -> None:
    before = PriceChange.objects.count(), TrailEntry.objects.count()

    def fail() -> None:
        with editing(COMMAND_LINE, via="bulk", action="change_prices"):
            MenuItem.objects.update(price=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (PriceChange.objects.count(), TrailEntry.objects.count()) == before
    assert not MenuItem.objects.filter(price=1).exists()
