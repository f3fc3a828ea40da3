"""The one way to write the menu: alone, with the prices' history, and screens told of what went.

    with editing(by, via=PriceChange.Via.BULK, action="change_prices"):
        item.save()

What the block raises undoes all of it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from orders import events
from orders.models import (
    Category,
    MenuItem,
    MenuRow,
    MenuVersion,
    Option,
    OptionGroup,
    PriceChange,
)
from restaurant.messaging import outbox
from restaurant.messaging.outbox import Outgoing
from restaurant.trail import Person
from restaurant.trail.changes import Id, Seen, compare, look
from restaurant.trail.record import record_all

COMMAND_LINE = Person(id=None, email="command line", via="command")
ROWS = (Category, MenuItem, OptionGroup, Option)
# The item's SKU, and the option's: empty for the item itself.
_Key = tuple[str, str]


class _Priced(NamedTuple):
    name: str
    price: Decimal | None


class _Look(NamedTuple):
    """What is looked at before and after an edit."""

    prices: dict[_Key, _Priced]
    available: dict[str, bool]


@contextmanager
def editing(by: Person, *, via: str, action: str = "") -> Iterator[None]:
    """Hold the menu for one edit; `via` is a value of `PriceChange.Via`.

    With an `action` the audit trail gets what became of each row; without, who calls sees to it.
    """
    with transaction.atomic(using="orders"):
        # One edit at a time: every write of the menu renews this row.
        MenuVersion.objects.select_for_update().first()
        before, rows = _look(), look_at_rows(ROWS if action else ())
        yield
        after, now = _look(), timezone.now()
        changes = compare(rows, look_at_rows(ROWS if action else ()))
        record_all(by, changes, action=action, now=now)
        _keep_history(before.prices, after.prices, by=by, via=via, now=now)
        _announce(before.available, after.available, now)


def look_at_rows(models: Iterable[type[MenuRow]], **conditions: Any) -> dict[Id, Seen]:
    """Give rows of the menu as the audit trail compares them."""
    seen: dict[Id, Seen] = {}
    for model in models:
        keys = model.objects.filter(**conditions).order_by().values_list("pk", flat=True)
        seen |= look(model, list(keys), many=False)
    return seen


def _look() -> _Look:
    prices: dict[_Key, _Priced] = {}
    available = {}
    for sku, name, price, is_available in MenuItem.objects.order_by().values_list(
        "sku", "name", "price", "available"
    ):
        prices[sku, ""] = _Priced(name, price)
        available[sku] = is_available
    for item, sku, name, price in Option.objects.order_by().values_list(
        "group__item__sku", "sku", "name", "price"
    ):
        prices[item, sku] = _Priced(name, price)
    return _Look(prices, available)


def _keep_history(
    before: dict[_Key, _Priced], after: dict[_Key, _Priced], *, by: Person, via: str, now: datetime
) -> None:
    nothing = _Priced("", None)
    rows = [
        PriceChange(
            item_sku=key[0],
            option_sku=key[1],
            name=new.name or old.name,
            old=old.price,
            new=new.price,
            at=now,
            by=by.email,
            via=via,
        )
        for key in sorted(before.keys() | after.keys())
        if (old := before.get(key, nothing)).price != (new := after.get(key, nothing)).price
    ]
    PriceChange.objects.bulk_create(rows)


def _announce(before: dict[str, bool], after: dict[str, bool], now: datetime) -> None:
    """Tell screens of the dishes that were 86'd, put back or removed: new ones they do not show."""
    if skus := [sku for sku, available in before.items() if after.get(sku) != available]:
        announce(skus, now=now)


def announce(skus: list[str], *, now: datetime) -> None:
    """Tell screens that what they show of these dishes has changed, once that is committed."""
    outbox.add("orders", [Outgoing(events.menu_changed(skus, changed_at=now))], now=now)
