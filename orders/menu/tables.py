"""The menu as one flat table, for spreadsheets: a row for each dish, then one for each option.

    category  sku   name   …  option_group  min  max  option_sku  option_name  option_price
    Pizza     MARG  Marg…
              MARG            Size          1    1    SIZE-L      Large        3.00

A dish's row fills the columns up to `available`, an option's row `sku` and those from
`option_group` on; a category without dishes has a row of its own. Rows stand in the menu's order.
`min`, `max` and `option_price` may be left empty where a menu file may leave them out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from orders.errors import MenuRefused
from orders.menu.file import Menu
from orders.menu.problems import Path, Problem

COLUMNS = (
    *("category", "sku", "name", "description", "price", "station", "prep_seconds", "available"),
    *("option_group", "min", "max", "option_sku", "option_name", "option_price"),
)
OPTION_COLUMNS = COLUMNS[8:]
ITEM_COLUMNS = COLUMNS[2:8]
# Numbers and yes or no; all other columns are text.
TYPED = frozenset({"price", "prep_seconds", "available", "min", "max", "option_price"})
REQUIRED = ("category", "sku", "name", "price", "station", "prep_seconds")
MOST_ROWS = 20_000
# Column → the field of a menu file, where they are not called alike.
_OPTION_FIELDS = {"option_sku": "sku", "option_name": "name", "option_price": "price"}
# What spreadsheets write for yes and no, in the languages of the staff site.
_ANSWERS: dict[str, Any] = {
    **dict.fromkeys(("true", "yes", "1", "да", "истина"), True),
    **dict.fromkeys(("false", "no", "0", "нет", "ложь"), False),
}
Cells = dict[str, str]


def columns_of(heading: Sequence[str]) -> list[str]:
    """Give the columns that a heading names. Raises `MenuRefused` with all that is wrong."""
    names = [name.strip() for name in heading]
    problems = []
    for name in dict.fromkeys(filter(None, names)):
        if name not in COLUMNS:
            problems.append(cell_name(1, name[:50]) + ": " + _("there is no such column"))
        elif names.count(name) > 1:
            problems.append(cell_name(1, name) + ": " + _("stands here more than once"))
    if missing := ", ".join(name for name in REQUIRED if name not in names):
        problems.append(_("The first row must name the columns; missing: %s") % missing)
    if problems:
        raise MenuRefused(problems)
    return names


def too_many_rows() -> str:
    return _("The table has more than %d rows.") % MOST_ROWS


def rows_of(menu: Menu) -> Iterator[Cells]:
    """Give a menu's rows, without the heading: column → text; what is empty is left out."""
    for category in menu["categories"]:
        if not category["items"]:
            yield {"category": category["name"]}
        for item in category["items"]:
            values = {name: _text(item[name]) for name in ITEM_COLUMNS if name in item}
            yield {"category": category["name"], "sku": item["sku"], **values}
            yield from _option_rows(item)


def _option_rows(item: dict[str, Any]) -> Iterator[Cells]:
    for group in item["option_groups"]:
        of_group = {
            "sku": item["sku"],
            "option_group": group["name"],
            "min": str(group["min"]),
            "max": str(group["max"]),
        }
        if not group["options"]:
            yield of_group
        for option in group["options"]:
            values = {column: option[name] for column, name in _OPTION_FIELDS.items()}
            yield {**of_group, **values}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class Reading:
    """A menu read from a table, and which cell each part of it came from.

    `cells` maps a path to the number of its row and its column; a part without one is told by the
    row of the part around it.
    """

    menu: Menu
    cells: dict[Path, tuple[int, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def place_of(self, path: Path) -> str:
        """Name the cell that a part of the menu came from, as a person finds it."""
        for length in range(len(path), 0, -1):
            if found := self.cells.get(path[:length]):
                row, column = found
                return cell_name(row, _column_of(path) or column)
        return _("the table")

    def tell(self, problem: Problem) -> str:
        return problem.told(self.place_of)


def cell_name(row: int, column: str) -> str:
    """Name a cell by its row's number and its column's heading."""
    return _("row %(row)d, %(column)s") % {"row": row, "column": column}


def _column_of(path: Path) -> str | None:
    """Give the column that holds a field of a menu file."""
    name = path[-1]
    if "options" in path:
        return next((c for c, field_ in _OPTION_FIELDS.items() if field_ == name), None)
    if "option_groups" in path:
        return "option_group" if name == "name" else str(name) if name in ("min", "max") else None
    if "items" in path:
        return str(name) if name in COLUMNS else None
    return "category" if name == "name" else None


class Reader:
    """Puts a menu together from rows, in their order."""

    def __init__(self, currency: str) -> None:
        self.reading = Reading({"currency": currency, "categories": []})
        self._categories: dict[str, Path] = {}
        self._item: Path | None = None

    def read(self, rows: Iterable[tuple[int, Cells]]) -> Reading:
        """Read numbered rows, of which each gives its filled cells."""
        for number, cells in rows:
            if not cells:
                continue
            if any(column in cells for column in OPTION_COLUMNS):
                self._option(number, cells)
            elif cells.keys() == {"category"}:
                self._category(number, cells)
            else:
                self._dish(number, cells)
        return self.reading

    def _category(self, number: int, cells: Cells) -> Path:
        """Give the path of the row's category, the one before it when it says none."""
        categories = self.reading.menu["categories"]
        name = cells.get("category", categories[-1]["name"] if categories else "")
        if name in self._categories:
            return self._categories[name]
        path: Path = ("categories", len(categories))
        self._categories[name] = path
        categories.append({"name": name, "items": []})
        self.reading.cells[path] = (number, "category")
        return path

    def _dish(self, number: int, cells: Cells) -> None:
        category = self._category(number, cells)
        items = self.reading.menu["categories"][category[1]]["items"]
        item = {
            name: self._value(number, name, cells[name]) for name in cells if name != "category"
        }
        self._item = (*category, "items", len(items))
        self.reading.cells[self._item] = (number, "sku")
        items.append({**item, "option_groups": []})

    def _option(self, number: int, cells: Cells) -> None:
        item = self._part(self._item) if self._item else None
        if item is None or item.get("sku") != cells.get("sku", item.get("sku")):
            self._refuse(number, "sku", _("an option must follow the row of its dish"))
            return
        for column in cells:
            if column in (*ITEM_COLUMNS, "category"):
                self._refuse(number, column, _("must be empty in the row of an option"))
        group = self._group(number, item, cells)
        option = {
            name: self._value(number, column, cells[column])
            for column, name in _OPTION_FIELDS.items()
            if column in cells
        }
        if option:
            options = self._part(group)["options"]
            self.reading.cells[(*group, "options", len(options))] = (number, "option_sku")
            options.append(option)

    def _group(self, number: int, item: dict[str, Any], cells: Cells) -> Path:
        """Give the path of the row's group: the last one of the dish, or one that begins here."""
        groups = item["option_groups"]
        limits: dict[str, Any] = {
            n: self._value(number, n, cells[n]) for n in ("min", "max") if n in cells
        }
        name = cells.get("option_group", groups[-1]["name"] if groups else "")
        if groups and groups[-1]["name"] == name:
            for limit, value in limits.items():
                if groups[-1].get(limit) != value:
                    self._refuse(number, limit, _("must be the same in all rows of a group"))
        else:
            path: Path = (*(self._item or ()), "option_groups", len(groups))
            self.reading.cells[path] = (number, "option_group")
            groups.append({"name": name, **limits, "options": []})
        return (*(self._item or ()), "option_groups", len(groups) - 1)

    def _part(self, path: Sequence[str | int]) -> Any:
        part: Any = self.reading.menu
        for name in path:
            part = part[name]
        return part

    def _value(self, number: int, column: str, text: str) -> Any:
        """Give a cell's value as a menu file has it; text that does not fit is refused later."""
        if column in ("prep_seconds", "min", "max"):
            return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
        if column == "available":
            return _ANSWERS.get(text.strip().lower(), text)
        if column in ("price", "option_price"):
            return text.strip().replace(",", ".")
        return text

    def _refuse(self, number: int, column: str, text: str) -> None:
        self.reading.problems.append(f"{cell_name(number, column)}: {text}")
