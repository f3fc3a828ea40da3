"""The rules of a menu: what a file, a table and a form of the staff site must keep alike."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from orders.menu.problems import Path, Problem
from orders.menu.shape import misfits
from restaurant.bodies.text import problem_of

# Far more than any restaurant's menu has; YAML's aliases make a short file a huge one.
MOST_PARTS = 200_000
Part = tuple[Path, dict[str, Any]]


def problems_of(menu: Any) -> list[Problem]:
    """Give everything that is wrong with a menu, of the form that `schema.json` describes."""
    if not _is_bounded(menu):
        return [Problem((), _("is larger than any menu"))]
    problems = [*misfits(menu), *_odd_texts(menu)]
    # Sums and doubles can only be looked at in what has the right shape.
    if not problems:
        problems = [*_wrong_currency(menu), *_doubles(menu), *_wrong_prices(menu), *_ranges(menu)]
    return problems


def _is_bounded(menu: Any) -> bool:
    waiting, seen = [menu], 0
    while waiting and seen <= MOST_PARTS:
        part = waiting.pop()
        seen += 1
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return not waiting


def _odd_texts(value: Any, *path: str | int) -> Iterator[Problem]:
    if isinstance(value, str):
        if problem := problem_of(value):
            yield Problem(path, problem)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _odd_texts(part, *path, str(name))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _odd_texts(part, *path, position)


def _wrong_currency(menu: dict[str, Any]) -> Iterator[Problem]:
    if menu["currency"] != settings.CURRENCY:
        told = _("%(given)s is not this restaurant's %(own)s")
        yield Problem(("currency",), told % {"given": menu["currency"], "own": settings.CURRENCY})


def items(menu: dict[str, Any]) -> Iterator[Part]:
    """Give every item of a menu with its path."""
    for c, category in enumerate(menu["categories"]):
        for i, item in enumerate(category["items"]):
            yield ("categories", c, "items", i), item


def groups(item: dict[str, Any], path: Path) -> Iterator[Part]:
    """Give every option group of an item with its path."""
    for g, group in enumerate(item.get("option_groups", [])):
        yield (*path, "option_groups", g), group


def options(item: dict[str, Any], path: Path) -> Iterator[Part]:
    """Give every option of an item with its path."""
    for place, group in groups(item, path):
        for o, option in enumerate(group["options"]):
            yield (*place, "options", o), option


def _doubles(menu: dict[str, Any]) -> Iterator[Problem]:
    categories: list[Part] = [(("categories", c), x) for c, x in enumerate(menu["categories"])]
    yield from _doubled(categories, "name")
    yield from _doubled(items(menu), "sku")
    for path, item in items(menu):
        yield from _doubled(groups(item, path), "name")
        yield from _doubled(options(item, path), "sku")


def _doubled(parts: Iterable[Part], name: str) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for path, part in parts:
        value = part[name]
        if value in first:
            told = _("%(value)s is already at") % {"value": value}
            yield Problem((*path, name), told, twin=first[value])
        first.setdefault(value, path)


def _wrong_prices(menu: dict[str, Any]) -> Iterator[Problem]:
    for path, item in items(menu):
        for place, priced in [(path, item), *options(item, path)]:
            price = Decimal(priced.get("price", 0))
            if price != round(price, 2):
                told = _("%(price)s has more than two decimal places") % {"price": price}
                yield Problem((*place, "price"), told)
        if (lowest := Decimal(item["price"]) + deepest_discount(item)) < 0:
            told = _("options could bring it down to %(price)s") % {"price": lowest}
            yield Problem((*path, "price"), told)


def deepest_discount(item: dict[str, Any]) -> Decimal:
    """Sum, over the groups, the lowest that the choices in each can come to."""
    total = Decimal(0)
    for _path, group in groups(item, ()):
        differences = sorted(Decimal(o.get("price", 0)) for o in group["options"])
        forced, free = differences[: group.get("min", 0)], differences[group.get("min", 0) :]
        room = group.get("max", 1) - len(forced)
        total += sum(forced) + sum(d for d in free[: max(room, 0)] if d < 0)
    return total


def _ranges(menu: dict[str, Any]) -> Iterator[Problem]:
    for path, item in items(menu):
        for place, group in groups(item, path):
            least, most = group.get("min", 0), group.get("max", 1)
            if least > most:
                told = _("%(least)s is more than max, %(most)s")
                yield Problem((*place, "min"), told % {"least": least, "most": most})
            if least > len(group["options"]):
                told = _("%(least)s is more than there are options")
                yield Problem((*place, "min"), told % {"least": least})
