"""Filling empty books with a past."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from delivery.models import Delivery
from kitchen.models import KitchenOrder
from orders.models import Order
from restaurant.demo import house
from restaurant.demo.past.ground import Ground, ground
from restaurant.demo.past.guests import GuestBook
from restaurant.demo.past.refusals import RefusalBook
from restaurant.demo.past.rows import DeliveryBook, KitchenBook, OrdersBook, Since
from restaurant.demo.past.story import tell
from restaurant.demo.past.tables import Book, filled, one_transaction
from restaurant.idempotency.purge import LIFETIME

# Orders whose rows are written together: few enough to be held in memory.
CHUNK = 5000
# Each service's, in the order in which they are committed the other way around.
ALIASES = ("default", "orders", "kitchen", "delivery")
Progress = Callable[[int], object]


class NotEmpty(Exception):
    """There are orders already: a past cannot be put before them."""


@dataclass(frozen=True)
class Past:
    """So many orders in so many days, the last of them placed at `now` (UTC)."""

    orders: int
    days: int
    now: datetime
    seed: int = 0


def fill(past: Past, *, progress: Progress | None = None) -> int:
    """Write a past into the services' books, all of it or nothing; gives the number of rows.

    The databases must be migrated; what the house lacks is laid in. `progress` is called with the
    number of orders after each chunk. Raises `NotEmpty`.
    """
    if found := filled([Order, KitchenOrder, Delivery]):
        raise NotEmpty(", ".join(found))
    house.furnish()
    chance = Random(past.seed)  # noqa: S311 - no secret
    begin = (past.now - timedelta(days=past.days)).timestamp()
    stage = ground(orders=past.orders, begin=begin, chance=chance)
    with one_transaction(ALIASES):
        books, rows = _write(past, stage, begin, chance, progress)
        for book in books:
            book.number_on()
    for book in books:
        book.settle()
    return rows


def _write(
    past: Past, stage: Ground, begin: float, chance: Random, progress: Progress | None
) -> tuple[list[Book], int]:
    now, since = past.now.timestamp(), _since(past.now)
    guests = GuestBook(stage, now, chance)
    telling = (
        *(OrdersBook(stage, since, chance), KitchenBook(stage, since)),
        *(DeliveryBook(stage, since), guests),
    )
    refusals = RefusalBook(begin, now, chance)
    books: list[Book] = [guests, *telling[:-1], refusals]
    rows = refusals.write() + guests.write()
    step = (now - begin) / past.orders
    for first in range(1, past.orders + 1, CHUNK):
        last = min(first + CHUNK - 1, past.orders)
        for number in range(first, last + 1):
            story = tell(number, begin + step * number, now, stage, chance)
            for book in telling:
                book.tell(story)
        rows += sum(book.write() for book in telling)
        if progress:
            progress(last - first + 1)
    return books, rows


def _since(now: datetime) -> Since:
    return Since(
        outbox=(now - settings.OUTBOX_RETENTION).timestamp(),
        inbox=(now - settings.INBOX_RETENTION).timestamp(),
        client_address=(now - settings.CLIENT_ADDRESS_RETENTION).timestamp(),
        idempotency_key=(now - LIFETIME).timestamp(),
    )
