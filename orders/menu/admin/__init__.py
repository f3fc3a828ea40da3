"""The menu's pages of the staff site."""

from orders.menu.admin import categories, items

__all__ = ["categories", "items"]
