"""What the services' admin pages are made of. Knows no service."""

from restaurant.admin_parts.badges import badge, flag
from restaurant.admin_parts.deeds import Asked, Deed
from restaurant.admin_parts.messages import DeadLetterPage, InboxPage, OutboxPage
from restaurant.admin_parts.moments import RangeFilter, by_ids
from restaurant.admin_parts.pages import Page, ReadOnlyInline, ReadOnlyPage, pretty

__all__ = [
    "Asked",
    "DeadLetterPage",
    "Deed",
    "InboxPage",
    "OutboxPage",
    "Page",
    "RangeFilter",
    "ReadOnlyInline",
    "ReadOnlyPage",
    "badge",
    "by_ids",
    "flag",
    "pretty",
]
