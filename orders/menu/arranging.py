"""The order of the menu: of categories, of the dishes in each, and of what a dish offers."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from orders.errors import MenuMoved
from orders.menu.editing import editing
from orders.models import Category, MenuItem, PriceChange
from restaurant.trail import Person


class Shelf(NamedTuple):
    """A category's key, and the keys of its dishes in their order."""

    category: int
    items: Sequence[int]


def arrange(shelves: Sequence[Shelf], *, by: Person) -> int:
    """Give categories and dishes this order; gives how many rows moved.

    Raises `MenuMoved` when the menu has other categories or dishes by now, and changes nothing.
    """
    with editing(by, via=PriceChange.Via.ADMIN, action="arrange_menu"):
        categories = {row.pk: row for row in Category.objects.all()}
        items = {row.pk: row for row in MenuItem.objects.all()}
        named = [pk for shelf in shelves for pk in shelf.items]
        if sorted(shelf.category for shelf in shelves) != sorted(categories):
            raise MenuMoved
        if sorted(named) != sorted(items):
            raise MenuMoved
        moved = _place(categories[shelf.category] for shelf in shelves)
        for shelf in shelves:
            moved += _place((items[pk] for pk in shelf.items), category_id=shelf.category)
    return moved


def put_in_order(item: MenuItem) -> None:
    """Number an item's groups, and the options of each, from 0 on, as they stand."""
    for group in _numbered(item.option_groups.all()):
        _numbered(group.options.all())


def _numbered(rows: Iterable[Any]) -> list[Any]:
    found = list(rows)
    _place(found)
    return found


def _place(rows: Iterable[Any], **values: Any) -> int:
    """Give rows their places in turn, and other values with it; gives how many changed."""
    moved = 0
    for position, row in enumerate(rows):
        wanted = {"position": position, **values}
        if any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save(update_fields=list(wanted))
            moved += 1
    return moved
