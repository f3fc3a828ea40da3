"""The menu, the orders that were placed from it, and what is kept beside them."""

from orders.models.answers import KeptAnswer
from orders.models.changes import MenuUpload, PriceChange
from orders.models.intake import IdempotencyKey, RefusalCount
from orders.models.menu import (
    Category,
    MenuItem,
    MenuQuerySet,
    MenuRow,
    MenuVersion,
    Option,
    OptionGroup,
)
from orders.models.messages import DeadLetter, InboxMessage, OutboxMessage
from orders.models.orders import ENDED, Order, OrderLine, TimelineEntry
from orders.models.trail import TrailEntry

__all__ = [
    "ENDED",
    "Category",
    "DeadLetter",
    "IdempotencyKey",
    "InboxMessage",
    "KeptAnswer",
    "MenuItem",
    "MenuQuerySet",
    "MenuRow",
    "MenuUpload",
    "MenuVersion",
    "Option",
    "OptionGroup",
    "Order",
    "OrderLine",
    "OutboxMessage",
    "PriceChange",
    "RefusalCount",
    "TimelineEntry",
    "TrailEntry",
]
