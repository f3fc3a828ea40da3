"""How a rule makes a price of another, and whose history a price has."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orders.menu.admin.prices import ROUNDINGS
from orders.menu.importing import import_menu
from orders.menu.repricing import Rule
from orders.models import PriceChange
from tests.orders.test_menu import changed


@pytest.mark.once
@pytest.mark.parametrize(
    ("old", "percent", "amount", "rounding", "new"),
    [
        ("9.50", "10", "0", "0.01", "10.45"),
        ("9.50", "10", "0", "0.05", "10.45"),
        ("9.47", "0", "0.01", "0.05", "9.50"),
        ("9.50", "10", "0", "0.10", "10.50"),
        ("9.50", "10", "0", "0.50", "10.50"),
        ("9.50", "-10", "0", "1", "9.00"),
        ("9.50", "0", "-0.50", "0.01", "9.00"),
        ("9.50", "10", "0", "x.90", "10.90"),
        ("9.30", "0", "0.01", "x.90", "8.90"),
        ("9.40", "0", "0.01", "x.90", "9.90"),
        ("9.50", "10", "0", "x.95", "10.95"),
        ("9.50", "10", "0", "x.99", "9.99"),
        ("0.00", "10", "0", "x.90", "0.00"),
        ("0.20", "5", "0", "x.90", "0.90"),
        ("0.01", "5", "0", "0.50", "0.50"),
        ("1.00", "0", "-2.00", "0.05", "-1.00"),
    ],
)
def test_it_rounds_as_said(old: str, percent: str, amount: str, rounding: str, new: str) -> None:
    step, under = map(Decimal, ROUNDINGS[rounding])
    rule = Rule(percent=Decimal(percent), amount=Decimal(amount), step=step, under=under)
    assert str(rule.price(Decimal(old))) == new


@pytest.mark.django_db(databases=["orders"])
def test_an_import_by_command_keeps_the_history(menu: None, menu_file: Any) -> None:
    assert PriceChange.objects.filter(old=None, via="command", by="command line").count() == 9

    def dearer(menu: Any) -> None:
        menu["categories"][0]["items"][0]["price"] = "9.90"
        del menu["categories"][1]["items"][0]

    before = set(PriceChange.objects.values_list("pk", flat=True))
    path: Path = menu_file(changed(dearer))
    import_menu(path, dry_run=True)
    assert PriceChange.objects.count() == len(before)
    import_menu(path)
    found = PriceChange.objects.exclude(pk__in=before)
    assert set(found.values_list("item_sku", "option_sku", "old", "new")) == {
        ("MARGHERITA", "", Decimal("9.50"), Decimal("9.90")),
        ("COLA", "", Decimal("2.80"), None),
        ("COLA", "ICE", Decimal("0.00"), None),
    }
