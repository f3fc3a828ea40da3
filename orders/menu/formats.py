"""The forms in which the menu leaves and comes back: menu files and tables."""

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from orders.errors import MenuRefused
from orders.menu import csv_table, file, xlsx_table
from orders.menu.file import Menu
from orders.menu.rules import problems_of
from orders.menu.tables import Cells, Reader, rows_of

# PyYAML reads about 200 KB a second; a thousand dishes take half of this.
MOST_YAML = 1024 * 1024
# So many problems are told; a file of another kind would have thousands.
MOST_PROBLEMS = 200


class Format(NamedTuple):
    content_type: str
    write: Callable[[Menu], bytes]
    read: Callable[[bytes, str], Menu]


def read(data: bytes, *, name: str) -> Menu:
    """Read and check a menu, and give its `file.normal` form; `name` tells the kind of file.

    Raises `MenuRefused` with every problem and its path, or its row and column.
    """
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise MenuRefused([_("The file's name must end in .csv, .xlsx, .yaml, .yml or .json.")])
    return FORMATS[ending].read(data, name)


def _read_file(data: bytes, name: str) -> Menu:
    if len(data) > MOST_YAML:
        raise MenuRefused([_("A menu file may have at most 1 MB.")])
    problems = problems_of(menu := file.parse(data, name=name))
    if problems:
        raise _refused([problem.told() for problem in problems])
    return file.normal(menu)


def _read_table(
    rows: Callable[[bytes, list[str]], Iterator[tuple[int, Cells]]],
) -> Callable[[bytes, str], Menu]:
    def read(data: bytes, name: str) -> Menu:
        reader = Reader(settings.CURRENCY)
        reading = reader.reading
        reader.read(rows(data, reading.problems))
        problems = reading.problems + [reading.tell(p) for p in problems_of(reading.menu)]
        if problems:
            raise _refused(problems)
        return file.normal(reading.menu)

    return read


def _refused(problems: list[str]) -> MenuRefused:
    told = problems[:MOST_PROBLEMS]
    if rest := len(problems) - len(told):
        told.append(_("And %d more.") % rest)
    return MenuRefused(told)


def _write_table(write: Callable[[Iterator[Cells]], bytes]) -> Callable[[Menu], bytes]:
    return lambda menu: write(rows_of(menu))


_YAML = Format("application/yaml", file.as_yaml, _read_file)
FORMATS = {
    "csv": Format(
        "text/csv; charset=utf-8", _write_table(csv_table.write), _read_table(csv_table.read)
    ),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _write_table(xlsx_table.write),
        _read_table(xlsx_table.read),
    ),
    "yaml": _YAML,
    "yml": _YAML,
    "json": Format("application/json", file.as_json, _read_file),
}
