"""Requests that were refused: counts alone are kept of them."""

from random import Random

from orders.models import RefusalCount
from restaurant.demo.past.moments import written
from restaurant.demo.past.tables import Book, Table

QUARTER = 15 * 60
CODES = ("unavailable", "unknown_sku", "too_few_options")


class RefusalBook(Book):
    """Refused requests by quarter of an hour and reason."""

    def __init__(self, begin: float, now: float, chance: Random) -> None:
        table = Table(RefusalCount, "at", "code", "count")
        first = int(begin // QUARTER + 1) * QUARTER
        for at in range(first, int(now), QUARTER):
            code = chance.choice(CODES)
            table.rows.append((written(at), code, 1 + chance.getrandbits(3)))
        super().__init__("orders", table)
