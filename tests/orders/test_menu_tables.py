"""The menu as a table and as a file: what goes out comes back the same, what is wrong is placed."""

import csv
import io
import zipfile
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import Workbook, load_workbook

from orders.errors import MenuRefused
from orders.menu import formats
from orders.menu.importing import import_menu, preview
from orders.menu.stored import as_file
from orders.menu.tables import COLUMNS
from restaurant.formulas import guarded, is_formula, plain
from tests.blocks import only
from tests.orders.menus import _texts, menus
from tests.orders.people import MENU

KINDS = ["csv", "xlsx", "yaml", "json"]
HEADING = ",".join(COLUMNS)
DISH = "Pizza,M,Margherita,,9.50,oven,480,true,,,,,,"
OPTION = ",M,,,,,,,Size,1,1,L,Large,3.00"
DOCUMENTED = only("menu.md", "CSV and XLSX")


def problems(data: bytes, name: str) -> list[str]:
    with pytest.raises(MenuRefused) as refused:
        formats.read(data, name=name)
    return refused.value.problems


def of_csv(*lines: str, heading: str = HEADING) -> list[str]:
    return problems("\n".join([heading, *lines]).encode(), "menu.csv")


def book(*rows: list[Any]) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (list(COLUMNS), *rows):
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(menu=menus())
def test_it_reads_back_what_it_wrote(kind: str, menu: Any) -> None:
    again = formats.read(formats.FORMATS[kind].write(menu), name=f"menu.{kind}")
    assert again == menu


@pytest.mark.django_db(databases=["orders"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_export_imported_again_changes_nothing(kind: str, menu: None) -> None:
    data = formats.FORMATS[kind].write(as_file())
    assert not preview(formats.read(data, name=f"x.{kind}"))


@pytest.mark.once
@given(text=_texts)
def test_a_guarded_text_is_no_formula_and_comes_back(text: str) -> None:
    assert not is_formula(guarded(text))
    assert plain(guarded(text)) == text


@pytest.mark.once
def test_no_cell_of_an_export_is_a_formula() -> None:
    dish = {**MENU["categories"][0]["items"][0], "name": "=HYPERLINK(1)", "description": "@x"}
    dish = {**dish, "available": True, "option_groups": []}
    menu = {"currency": "EUR", "categories": [{"name": "+Pizza", "items": [dish]}]}
    rows = csv.reader(io.StringIO(formats.FORMATS["csv"].write(menu).decode("utf-8-sig")))
    assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")] == []
    sheet = load_workbook(io.BytesIO(formats.FORMATS["xlsx"].write(menu))).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n", "b"}


@pytest.mark.once
@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_reads_what_spreadsheets_write(delimiter: str, encoding: str) -> None:
    text = "\r\n".join([HEADING, DISH, OPTION]).replace(",", delimiter)
    menu = formats.read(text.encode(encoding), name="Menu.CSV")
    assert menu["categories"][0]["items"][0]["option_groups"][0]["options"][0]["sku"] == "L"


@pytest.mark.once
def test_it_reads_numbers_and_dates_of_a_sheet_as_they_are_shown() -> None:
    dish = ["Pizza", 7, "Seven", None, 0.1 + 0.2, "oven", 480.0, True]
    item = formats.read(book(dish), name="menu.xlsx")["categories"][0]["items"][0]
    assert (item["sku"], item["price"], item["prep_seconds"], item["available"]) == (
        "7",
        "0.30",
        480,
        True,
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["Pizza,M,M,,-1,oven,480,,,,,,,"], ["row 2, price: '-1' does not fit: "]),
        (["Pizza,M,=1+1,,1,oven,480,,,,,,,"], ["row 2, name: begins like a formula"]),
        ([DISH, DISH], ["row 3, sku: M is already at row 2, sku"]),
        ([DISH, OPTION, OPTION], ["row 4, option_sku: L is already at row 3, option_sku"]),
        ([OPTION], ["row 2, sku: an option must follow the row of its dish"]),
        ([DISH, ",N,,,,,,,Size,1,1,L,Large,"], ["row 3, sku: an option must follow"]),
        ([DISH, ",M,x,,,,,,Size,1,1,L,Large,"], ["row 3, name: must be empty"]),
        ([DISH, OPTION, ",M,,,,,,,Size,0,1,S,Small,"], ["row 4, min: must be the same"]),
        ([DISH, ",M,,,,,,,Size,1,1,,,"], ["row 3, option_group: [] has fewer than 1"]),
        ([DISH, ",M,,,,,,,Size,3,2,L,Large,"], ["row 3, min: 3 is more than max, 2", "row 3, min"]),
        ([DISH, ",M,,,,,,,Size,1,1,L,Large,-10"], ["row 2, price: options could bring it"]),
        (["Pizza,A B,,,x,oven,soon,maybe,,,,,,"], ["row 2, sku", "row 2, available"]),
        ([DISH + ",more"], ["row 2 has more cells than the heading"]),
        (['Pizza,M,"open'], ["line 2: unexpected end of data"]),
    ],
)
def test_it_names_the_row_and_column_of_a_problem(lines: list[str], told: list[str]) -> None:
    found = of_csv(*lines)
    for each in told:
        assert any(problem.startswith(each) for problem in found), found


@pytest.mark.once
def test_it_tells_all_problems_at_once() -> None:
    assert len(of_csv("Pizza,M,=a,,1,oven,1,,,,,,,", "Pizza,M,b,,1,oven,x,,,,,,,")) == 2


@pytest.mark.once
def test_it_names_the_cell_of_a_formula_in_a_sheet() -> None:
    found = problems(book(["Pizza", "M", "=1+1", None, 1, "oven", 480]), "menu.xlsx")
    assert found[0].startswith("row 2, name: is a formula")


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("menu.pdf", b"%PDF-1.7", "must end in"),
        ("menu", b"", "must end in"),
        ("menu.csv", b"", "missing: category, sku"),
        ("menu.csv", b"\xff\xd8\xff\xe0JFIF", "no CSV in UTF-8"),
        ("menu.csv", b"a\0b", "no CSV"),
        ("menu.csv", b"category,sku,name,price,station,prep_seconds,name,colour", "no such column"),
        ("menu.xlsx", b"PK\x03\x04 no", "no XLSX file"),
        ("menu.xlsx", b"category,sku", "no XLSX file"),
        ("menu.yaml", b"{", "menu.yaml"),
        ("menu.json", b'{"currency": "EUR"}', "categories must be given"),
        ("menu.json", b" " * (1 << 20) + b" ", "at most 1 MB"),
        ("menu.yaml", b"a: &a [x,x,x]\n" + b"b: &b [*a,*a,*a]\n", "currency"),
    ],
)
def test_it_refuses_what_is_no_menu(name: str, data: bytes, told: str) -> None:
    assert any(told in problem for problem in problems(data, name)), problems(data, name)


@pytest.mark.once
def test_it_refuses_a_sheet_without_cells_that_can_be_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("hello.txt", "hello")
    assert problems(out.getvalue(), "menu.xlsx") == ["This is no XLSX file, or it is damaged."]


@pytest.mark.once
def test_it_unpacks_no_bomb() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (51 << 20))
    assert problems(out.getvalue(), "menu.xlsx") == ["The file unpacks to more than 50 MB."]


@pytest.mark.once
def test_it_follows_no_aliases_for_ever() -> None:
    names = "abcdefghij"
    lines = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]" for a, b in pairwise(names)]
    assert problems("\n".join(lines).encode(), "menu.yaml") == ["menu: is larger than any menu"]


@pytest.mark.once
def test_it_refuses_a_table_without_end() -> None:
    assert of_csv(*[","] * 20_001)[0] == "The table has more than 20000 rows."


@pytest.mark.django_db(databases=["orders"])
def test_a_category_without_dishes_comes_back(menu_file: Any) -> None:
    import_menu(menu_file({"currency": "EUR", "categories": [{"name": "Soon", "items": []}]}))
    assert not preview(formats.read(formats.FORMATS["csv"].write(as_file()), name="a.csv"))


@pytest.mark.once
def test_it_tells_so_many_problems_and_counts_the_rest() -> None:
    found = of_csv(*[f"Pizza,M{i},M,,soon,oven,1,,,,,,," for i in range(300)])
    assert (len(found), found[-1]) == (201, "And 100 more.")


@pytest.mark.once
def test_it_reads_the_table_of_the_documentation() -> None:
    menu = formats.read(DOCUMENTED.text.encode(), name="menu.csv")
    (size,) = menu["categories"][0]["items"][0]["option_groups"]
    assert [option["price"] for option in size["options"]] == ["0.00", "3.00"]
