"""Making the menu what a file says: whole or not at all, and nothing touched that is the same."""

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from orders.errors import MenuMoved
from orders.menu import file, rules
from orders.menu.changes import Changes, Difference
from orders.menu.editing import COMMAND_LINE, editing
from orders.menu.file import Menu
from orders.models import Category, MenuItem, MenuVersion, Option, OptionGroup, PriceChange
from restaurant.trail import Person

CENT = Decimal("0.01")


class _Wanted(NamedTuple):
    """A row as the file wants it: what it is known by, and what it shall say."""

    identity: dict[str, Any]
    values: dict[str, Any]


def import_menu(path: Path, *, dry_run: bool = False) -> Changes:
    """Make the menu what the file says, for the command line; gives what changed.

    Categories and option groups are known by name, items and options by SKU. What the file does
    not name is removed; orders keep what they were made of. An item that says nothing of
    `available` stays as staff set it. Raises `MenuRefused`, and then nothing is changed.
    """
    menu = file.read(path)
    if dry_run:
        return preview(menu)
    return bring(menu, by=COMMAND_LINE, via=PriceChange.Via.COMMAND)


def preview(menu: Menu) -> Changes:
    """Tell what would change if the menu became a checked one."""
    with transaction.atomic(using="orders"):
        MenuVersion.objects.select_for_update().first()
        changes = _bring(menu)
        transaction.set_rollback(True, using="orders")
    return changes


def bring(menu: Menu, *, by: Person, via: str, expected: str | None = None) -> Changes:
    """Make the menu a checked one; gives what changed.

    With `expected`, the digest of the changes that somebody was shown and agreed to, raises
    `MenuMoved` when others would be made, and then nothing is changed.
    """
    with editing(by, via=via, action="import_menu"):
        changes = _bring(menu)
        if expected is not None and changes.digest != expected:
            raise MenuMoved
        if changes:
            MenuVersion.renew()
    return changes


def _bring(menu: Menu) -> Changes:
    """Add and change from the top down; remove at the end, when nothing hangs on it any more."""
    changes = Changes()
    categories = _keep(Category, _categories(menu), changes)
    items = _keep(MenuItem, _items(menu, categories), changes)
    groups = _keep(OptionGroup, _groups(menu, items), changes)
    options = _keep(Option, _options(menu, items, groups), changes)
    kept = {Option: options, OptionGroup: groups, MenuItem: items, Category: categories}
    for model, rows in kept.items():
        _remove(model, [row.pk for row in rows.values()], changes)
    return changes


def _categories(menu: Menu) -> list[_Wanted]:
    return [
        _Wanted({"name": c["name"]}, {"position": at}) for at, c in enumerate(menu["categories"])
    ]


def _items(menu: Menu, categories: dict[Any, Any]) -> list[_Wanted]:
    return [
        _Wanted(
            {"sku": item["sku"]},
            {
                "category": categories[(category["name"],)],
                "position": at,
                "name": item["name"],
                "description": item.get("description", ""),
                "price": _amount(item["price"]),
                "station": item["station"],
                "preparation_seconds": item["prep_seconds"],
                **({"available": item["available"]} if "available" in item else {}),
            },
        )
        for category in menu["categories"]
        for at, item in enumerate(category["items"])
    ]


def _groups(menu: Menu, items: dict[Any, Any]) -> list[_Wanted]:
    return [
        _Wanted(
            {"item": items[(item["sku"],)], "name": group["name"]},
            {"position": at, "min": group.get("min", 0), "max": group.get("max", 1)},
        )
        for _, item in rules.items(menu)
        for at, group in enumerate(item.get("option_groups", []))
    ]


def _options(menu: Menu, items: dict[Any, Any], groups: dict[Any, Any]) -> list[_Wanted]:
    return [
        _Wanted(
            {"group": groups[(items[(item["sku"],)].pk, group["name"])], "sku": option["sku"]},
            {"position": at, "name": option["name"], "price": _amount(option.get("price", 0))},
        )
        for _, item in rules.items(menu)
        for group in item.get("option_groups", [])
        for at, option in enumerate(group["options"])
    ]


def _amount(price: Any) -> Decimal:
    return Decimal(price).quantize(CENT)


def _keep(model: Any, wanted: list[_Wanted], changes: Changes) -> dict[Any, Any]:
    """Add and change a table's rows as wanted; gives these by what they are known by."""
    stored = {_key(model, row, wanted): row for row in _stored(model)}
    kept, added, changed = {}, [], []
    for identity, values in wanted:
        row = model(**identity, **values)
        key = _key(model, row, wanted)
        kept[key] = old = stored.get(key, row)
        if old is row:
            added.append(row)
            changes.add(row)
        elif differences := _differences(old, values):
            changed.append(old)
            changes.change(old, differences)
    if added:
        model.objects.bulk_create(added)
    for row in changed:
        row.save()
    return kept


def _key(model: Any, row: Any, wanted: list[_Wanted]) -> tuple[Any, ...]:
    names = wanted[0].identity if wanted else ()
    return tuple(getattr(row, model._meta.get_field(name).attname) for name in names)


def _differences(row: Any, values: dict[str, Any]) -> list[Difference]:
    """Set a row's values; gives what became different."""
    found = []
    for name, value in values.items():
        if (old := getattr(row, name)) != value:
            setattr(row, name, value)
            found.append(Difference(name, str(old), str(value)))
    return found


def _remove(model: Any, kept: list[int], changes: Changes) -> None:
    if gone := list(_stored(model).exclude(pk__in=kept)):
        for row in gone:
            changes.remove(row)
        model.objects.filter(pk__in=[row.pk for row in gone]).delete()


def _stored(model: Any) -> Any:
    parents = {MenuItem: ["category"], OptionGroup: ["item"], Option: ["group__item"]}
    return model.objects.select_related(*parents.get(model, []))
