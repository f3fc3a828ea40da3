"""The menu as it is stored, in the form of a menu file."""

from typing import Any

from django.conf import settings

from orders.menu.file import Menu
from orders.models import Category, MenuItem, OptionGroup


def as_file() -> Menu:
    """Give the whole menu; a file of it, imported again, changes nothing."""
    categories = Category.objects.prefetch_related("items__option_groups__options")
    return {
        "currency": settings.CURRENCY,
        "categories": [
            {"name": category.name, "items": [item_as_file(i) for i in category.items.all()]}
            for category in categories
        ],
    }


def item_as_file(item: MenuItem) -> dict[str, Any]:
    """Give an item with its option groups, prices as text."""
    return {
        "sku": item.sku,
        "name": item.name,
        "description": item.description,
        "price": str(item.price),
        "station": item.station,
        "prep_seconds": item.preparation_seconds,
        "available": item.available,
        "option_groups": [_group(group) for group in item.option_groups.all()],
    }


def _group(group: OptionGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "min": group.min,
        "max": group.max,
        "options": [
            {"sku": option.sku, "name": option.name, "price": str(option.price)}
            for option in group.options.all()
        ],
    }
