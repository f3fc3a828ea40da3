"""The figures as a file."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.test import Client
from openpyxl import load_workbook

from restaurant.formulas import is_formula
from restaurant.staff import books
from restaurant.staff.dashboard import hours
from tests.staff import random_books
from tests.staff.dashboard.ground import CSV, NOW, XLSX, fill

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("at_noon"),
]


def test_it_exports_every_figure(manager: Client) -> None:
    made = fill()
    answer = manager.get(f"{CSV}?range=week")
    assert answer["Content-Disposition"].endswith('dashboard-2026-11-18-2026-11-24.csv"')
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    period = (NOW - timedelta(days=6)).replace(hour=0, minute=0, second=0)
    wanted = random_books.count(made, period, NOW, hours.day_of)
    values = {tuple(row[:3]): row[3] for row in table[1:]}
    assert table[0][:3] == ["Subject", "Which", "Measure"]
    assert values["Summary", "Takings", ""] == str(wanted.takings)
    assert values["Summary", "Orders", ""] == str(wanted.placed)
    for sku, (quantity, amount) in wanted.dishes.items():
        assert values["Dishes", sku.title(), "Sold"] == str(quantity)
        assert Decimal(values["Dishes", sku.title(), "Takings"]) == amount
    assert sum(int(v) for k, v in values.items() if k[0] == "Cancellations") == sum(
        wanted.lost.values()
    )
    book = load_workbook(io.BytesIO(manager.get(f"{XLSX}?range=week").content))
    cells = {
        (sheet.title, *(c or "" for c in row[:2])): row[2]
        for sheet in book
        for row in sheet.iter_rows(min_row=2, values_only=True)
    }
    assert cells["Summary", "Orders", ""] == wanted.placed
    assert Decimal(str(cells["Summary", "Takings", ""])) == wanted.takings
    assert len(cells) == len(values)


def test_it_exports_no_formula(manager: Client) -> None:
    fill()
    for address in (CSV, XLSX):
        content = manager.get(f"{address}?range=month").content
        if address == CSV:
            cells = [c for row in csv.reader(io.StringIO(content.decode())) for c in row]
        else:
            sheets = load_workbook(io.BytesIO(content))
            assert not [c for s in sheets for row in s for c in row if c.data_type == "f"]
            cells = [str(c.value) for s in sheets for row in s for c in row]
        assert any("'=1+1" in cell for cell in cells)
        assert not any(is_formula(cell) for cell in cells)


def test_it_exports_nothing_for_what_is_not_known(manager: Client) -> None:
    fill()
    with patch.object(books, "has", lambda name: name != "orders"):
        table = list(csv.reader(io.StringIO(manager.get(CSV).content.decode("utf-8-sig"))))
    assert ["Summary", "Takings", "", "", ""] in table
