"""The menu as the process keeps it: read once, and again when its version has changed."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from orders.menu import pictures
from orders.menu.stored import item_as_file
from orders.models import Category, MenuItem, MenuVersion
from restaurant.conditional import tag_of


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a dish; `group` is the position of its group among the dish's."""

    sku: str
    price: Decimal
    group: int
    # As an order line keeps it.
    snapshot: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    name: str
    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Dish:
    sku: str
    name: str
    price: Decimal
    station: str
    preparation_seconds: int
    available: bool
    groups: tuple[ChoiceGroup, ...]
    choices: Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class Menu:
    """A version of the menu; `json` is what the API shows of it."""

    token: UUID | None
    dishes: Mapping[str, Dish]
    json: bytes
    etag: str


_menu: Menu | None = None
_reading = threading.Lock()


def at_hand() -> Menu:
    """Give the menu this process read last, be it old; costs nothing."""
    return _menu or current()


def current() -> Menu:
    """Give the menu as it stands, for one small query when it has not changed."""
    return known_as(version())


def version() -> UUID | None:
    """Name the menu as it stands; None when there was never any."""
    return MenuVersion.objects.values_list("token", flat=True).first()


def known_as(token: UUID | None) -> Menu:
    """Give the menu of a version that was just read, or a still newer one."""
    global _menu
    menu = _menu
    if menu is not None and menu.token == token:
        return menu
    with _reading:
        if _menu is None or _menu.token != token:
            _menu = _read()
        return _menu


def _read() -> Menu:
    # The version first: when the menu is written between the queries, the next look notices.
    token = version()
    categories = list(Category.objects.prefetch_related("items__option_groups__options"))
    dishes = {item.sku: _dish(item) for category in categories for item in category.items.all()}
    shown = msgspec.json.encode(_shown(categories))
    return Menu(token, dishes, shown, tag_of(shown))


def _dish(item: MenuItem) -> Dish:
    groups = list(item.option_groups.all())
    choices = {
        option.sku: Choice(
            option.sku,
            option.price,
            position,
            # As PostgreSQL sorts a JSON object's keys, so that it gives back the same bytes.
            {
                "sku": option.sku,
                "name": option.name,
                "group": group.name,
                "price": str(option.price),
            },
        )
        for position, group in enumerate(groups)
        for option in group.options.all()
    }
    return Dish(
        item.sku,
        item.name,
        item.price,
        item.station,
        item.preparation_seconds,
        item.available,
        tuple(ChoiceGroup(group.name, group.min, group.max) for group in groups),
        choices,
    )


def _shown(categories: list[Category]) -> dict[str, Any]:
    return {
        "currency": settings.CURRENCY,
        "categories": [
            {"name": category.name, "items": [_shown_item(i) for i in category.items.all()]}
            for category in categories
        ],
    }


def _shown_item(item: MenuItem) -> dict[str, Any]:
    return {**item_as_file(item), **pictures.urls_of(item.picture)}
