"""Carts: dinners that the menu allows, and slips that it does not."""

from random import Random
from typing import Any

import pytest

from restaurant.demo import house
from restaurant.demo.carts import Cart, Carts
from tests.flow.fake_system import demo_menu

MENU = demo_menu()
ITEMS = {item["sku"]: item for category in MENU["categories"] for item in category["items"]}
SEEDS = range(200)


def is_allowed(line: dict[str, Any]) -> bool:
    item = ITEMS.get(line["sku"])
    if item is None or not item["available"] or not 1 <= line["quantity"] <= 99:
        return False
    chosen = set(line["options"])
    for group in item["option_groups"]:
        skus = {option["sku"] for option in group["options"]}
        if not group["min"] <= len(skus & chosen) <= group["max"]:
            return False
        chosen -= skus
    return not chosen


def all_allowed(cart: Cart) -> bool:
    return all(is_allowed(line) for line in cart["lines"])


def test_it_has_thirty_dishes_and_more_at_five_stations():
    assert len(ITEMS) >= 30
    assert {item["station"] for item in ITEMS.values()} == set(house.STATIONS)
    assert any(item["option_groups"] for item in ITEMS.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_it_makes_carts_that_the_menu_allows(seed: int):
    assert all_allowed(Carts(MENU).usual(Random(seed)))
    assert all_allowed(Carts(MENU).quick(Random(seed)))


@pytest.mark.parametrize("seed", SEEDS)
def test_it_makes_slips_that_the_menu_does_not_allow(seed: int):
    assert not all_allowed(Carts(MENU).mistaken(Random(seed)))


def test_it_slips_in_several_ways():
    carts = Carts(MENU)
    slips = [carts.mistaken(Random(seed))["lines"][-1] for seed in SEEDS]
    assert any(slip["sku"] not in ITEMS for slip in slips)
    assert any(slip["sku"] in ITEMS and not ITEMS[slip["sku"]]["available"] for slip in slips)
    assert any("GOLD-LEAF" in slip["options"] for slip in slips)
    assert any(slip["quantity"] == 0 for slip in slips)


def test_it_serves_the_first_customers_quickly():
    for seed in SEEDS:
        for line in Carts(MENU).quick(Random(seed))["lines"]:
            assert ITEMS[line["sku"]]["prep_seconds"] <= 60


def test_it_makes_the_same_carts_of_the_same_chance():
    one, two = ([Carts(MENU).usual(Random(seed)) for seed in SEEDS] for _ in range(2))
    assert one == two
