"""A table in CSV (RFC 4180), as spreadsheets write it: with commas, semicolons or tabs."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

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
from restaurant.formulas import guarded, is_formula, plain

DELIMITERS = ",;\t"


def write(rows: Iterator[Cells]) -> bytes:
    """Write rows under their heading, in UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for cells in rows:
        writer.writerow(_shown(column, cells.get(column, "")) for column in COLUMNS)
    return out.getvalue().encode("utf-8-sig")


def _shown(column: str, text: str) -> str:
    return text if column in TYPED else guarded(text)


def read(data: bytes, problems: list[str]) -> Iterator[tuple[int, Cells]]:
    """Give the numbered rows of a file, the heading being row 1.

    What is wrong with single cells goes to `problems`. Raises `MenuRefused` when no table can be
    made of the file at all.
    """
    text = _decoded(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        heading = columns_of(next(lines, []))
        for number, line in enumerate(lines, 2):
            if number > MOST_ROWS:
                raise MenuRefused([too_many_rows()])
            yield number, _cells(number, heading, line, problems)
    except csv.Error as error:
        where = _("line %d") % lines.line_num
        raise MenuRefused([f"{where}: {error}"]) from error


def _cells(number: int, heading: list[str], line: list[str], problems: list[str]) -> Cells:
    if any(line[len(heading) :]):
        problems.append(_("row %d has more cells than the heading") % number)
    cells = {}
    for column, text in zip(heading, line, strict=False):
        if not text or not column:
            continue
        if column not in TYPED and is_formula(text):
            told = _("begins like a formula; an apostrophe before it makes it text")
            problems.append(f"{cell_name(number, column)}: {told}")
        cells[column] = text if column in TYPED else plain(text)
    return cells


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise MenuRefused([_("This is no CSV in UTF-8; save it as “CSV UTF-8”.")]) from error
    if "\0" in text:
        raise MenuRefused([_("This is no CSV: it holds bytes that text does not have.")])
    return text


def _delimiter(text: str) -> str:
    """Give what stands between the columns of the heading."""
    line = text.partition("\n")[0]
    return max(DELIMITERS, key=line.count)
