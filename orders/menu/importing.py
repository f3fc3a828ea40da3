"""Making the menu what a file says: whole or not at all, and nothing touched that is the same."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from orders import events
from orders.menu import file
from orders.models import Category, MenuItem, MenuVersion, Option, OptionGroup
from restaurant.messaging import outbox
from restaurant.messaging.outbox import Outgoing

CENT = Decimal("0.01")
File = dict[str, Any]


@dataclass
class Changes:
    """What an import did or, run dry, would do; each text names one thing and what became of it."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class _Wanted(NamedTuple):
    """A row as the file wants it: what it is known by, and what it shall say."""

    identity: dict[str, Any]
    values: dict[str, Any]


def import_menu(path: Path, *, dry_run: bool = False) -> Changes:
    """Make the menu what the file says; gives what changed.

    Categories and option groups are known by name, items and options by SKU. What the file does
    not name is removed; orders keep what they were made of. An item that says nothing of
    `available` stays as staff set it. Raises `MenuRefused`, and then nothing is changed.
    """
    wanted = file.read(path)
    changes = Changes()
    with transaction.atomic(using="orders"):
        # One import or edit at a time: every write of the menu renews this row.
        MenuVersion.objects.select_for_update().first()
        before = _availability()
        _bring(wanted, changes)
        if dry_run:
            transaction.set_rollback(True, using="orders")
        elif changes:
            MenuVersion.renew()
            _announce(before)
    return changes


def _availability() -> dict[str, bool]:
    return dict(MenuItem.objects.values_list("sku", "available"))


def _announce(before: dict[str, bool]) -> None:
    """Tell screens of the dishes that were 86'd, put back or removed: new ones they do not show."""
    after = _availability()
    if skus := [sku for sku, available in before.items() if after.get(sku) != available]:
        now = timezone.now()
        notice = events.menu_changed(skus, changed_at=now)
        outbox.add("orders", [Outgoing(notice)], now=now)


def _bring(menu: File, changes: Changes) -> None:
    """Add and change from the top down; remove at the end, when nothing hangs on it any more."""
    categories = _keep(Category, _categories(menu), changes)
    items = _keep(MenuItem, _items(menu, categories), changes)
    groups = _keep(OptionGroup, _groups(menu, items), changes)
    options = _keep(Option, _options(menu, items, groups), changes)
    kept = {Option: options, OptionGroup: groups, MenuItem: items, Category: categories}
    for model, rows in kept.items():
        _remove(model, [row.pk for row in rows.values()], changes)


def _categories(menu: File) -> list[_Wanted]:
    return [
        _Wanted({"name": c["name"]}, {"position": at}) for at, c in enumerate(menu["categories"])
    ]


def _items(menu: File, categories: dict[Any, Any]) -> list[_Wanted]:
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


def _groups(menu: File, items: dict[Any, Any]) -> list[_Wanted]:
    return [
        _Wanted(
            {"item": items[(item["sku"],)], "name": group["name"]},
            {"position": at, "min": group.get("min", 0), "max": group.get("max", 1)},
        )
        for _, item in file.items(menu)
        for at, group in enumerate(item.get("option_groups", []))
    ]


def _options(menu: File, items: dict[Any, Any], groups: dict[Any, Any]) -> list[_Wanted]:
    return [
        _Wanted(
            {"group": groups[(items[(item["sku"],)].pk, group["name"])], "sku": option["sku"]},
            {"position": at, "name": option["name"], "price": _amount(option.get("price", 0))},
        )
        for _, item in file.items(menu)
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
            changes.added.append(_label(row))
        elif told := _differences(old, values):
            changed.append(old)
            changes.changed.append(f"{_label(old)}: {', '.join(told)}")
    if added:
        model.objects.bulk_create(added)
    for row in changed:
        row.save()
    return kept


def _key(model: Any, row: Any, wanted: list[_Wanted]) -> tuple[Any, ...]:
    names = wanted[0].identity if wanted else ()
    return tuple(getattr(row, model._meta.get_field(name).attname) for name in names)


def _differences(row: Any, values: dict[str, Any]) -> list[str]:
    """Set a row's values; gives what became different, in words."""
    told = []
    for name, value in values.items():
        if (old := getattr(row, name)) != value:
            setattr(row, name, value)
            told.append(f"{name} {old} → {value}")
    return told


def _remove(model: Any, kept: list[int], changes: Changes) -> None:
    if gone := list(_stored(model).exclude(pk__in=kept)):
        changes.removed += [_label(row) for row in gone]
        model.objects.filter(pk__in=[row.pk for row in gone]).delete()


def _stored(model: Any) -> Any:
    parents = {MenuItem: ["category"], OptionGroup: ["item"], Option: ["group__item"]}
    return model.objects.select_related(*parents.get(model, []))


def _label(row: Any) -> str:
    if isinstance(row, Option):
        return f"{_label(row.group)} / {row.sku}"
    if isinstance(row, OptionGroup):
        return f"{row.item.sku} / {row.name}"
    return str(row.sku if isinstance(row, MenuItem) else row.name)
