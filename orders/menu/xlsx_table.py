"""A table in XLSX, read within limits: a small file can unpack to a huge one."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from orders.errors import MenuRefused
from orders.menu.tables import (
    COLUMNS,
    MOST_ROWS,
    TYPED,
    Cells,
    cell_name,
    columns_of,
    too_many_rows,
)

MOST_UNPACKED = 50 * 1024 * 1024
MOST_PARTS = 1000
MOST_COLUMNS = 50
WIDTHS = {"name": 30, "description": 50, "option_name": 24}


def write(rows: Iterator[Cells]) -> bytes:
    """Write rows under their heading: text as text, whatever it begins with, numbers as numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Menu")
    sheet.freeze_panes = "A2"
    for at, column in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + at)].width = WIDTHS.get(column, 15)
    sheet.append([_heading(sheet, column) for column in COLUMNS])
    for cells in rows:
        sheet.append([_cell(sheet, column, cells.get(column, "")) for column in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _heading(sheet: Any, column: str) -> Any:
    cell = WriteOnlyCell(sheet, value=column)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, column: str, text: str) -> Any:
    if not text:
        return None
    if column in TYPED:
        return _number_cell(sheet, column, text)
    cell = WriteOnlyCell(sheet, value=_escaped(ILLEGAL_CHARACTERS_RE.sub("", text)))
    # Text for ever, also when somebody edits the cell: never a formula.
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _number_cell(sheet: Any, column: str, text: str) -> Any:
    if column == "available":
        return WriteOnlyCell(sheet, value=text == "true")
    cell = WriteOnlyCell(sheet)
    cell.value = Decimal(text)
    cell.number_format = "0.00" if column.endswith("price") else "0"
    return cell


def read(data: bytes, problems: list[str]) -> Iterator[tuple[int, Cells]]:
    """Give the numbered rows of a file's first sheet, the heading being row 1.

    What is wrong with single cells goes to `problems`. Raises `MenuRefused` when no table can be
    made of the file at all.
    """
    _check_size(data)
    try:
        yield from _rows(data, problems)
    except _FAILURES as error:
        raise _damaged() from error


# A damaged workbook fails in openpyxl in whatever way its parts do.
_FAILURES = (
    *(InvalidFileException, zipfile.BadZipFile, SyntaxError, LookupError, OSError),
    *(TypeError, ValueError, AttributeError, NotImplementedError, EOFError, zlib.error),
)


def _rows(data: bytes, problems: list[str]) -> Iterator[tuple[int, Cells]]:
    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    rows = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
    heading = columns_of([str(cell.value or "") for cell in next(rows, ())])
    for number, row in enumerate(rows, 2):
        if number > MOST_ROWS:
            raise MenuRefused([too_many_rows()])
        yield number, dict(_filled(number, heading, row, problems))


def _damaged() -> MenuRefused:
    return MenuRefused([_("This is no XLSX file, or it is damaged.")])


def _check_size(data: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged() from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise MenuRefused([_("The file unpacks to more than %d MB.") % (MOST_UNPACKED >> 20)])


def _filled(
    number: int, heading: list[str], row: tuple[Any, ...], problems: list[str]
) -> Iterator[tuple[str, str]]:
    for column, cell in zip(heading, row, strict=False):
        if not column or cell.value is None or cell.value == "":
            continue
        if cell.data_type in ("f", "e"):
            told = _("is a formula; write what it should say")
            problems.append(f"{cell_name(number, column)}: {told}")
        yield column, _text(cell.value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # Seventeen digits of a sum such as 0.1 + 0.2 are not what the sheet shows.
        return f"{round(Decimal(repr(value)), 6).normalize():f}" if value == value else "nan"
    return _unescaped(value) if isinstance(value, str) else str(value)


def _escaped(text: str) -> str:
    """Write what XML would lose as ECMA-376 (ST_Xstring) does: a carriage return is _x000D_."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text).replace("\r", "_x000D_")


def _unescaped(text: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
