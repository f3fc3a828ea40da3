"""Sending unfinished orders' events again, for a broker that lost its data."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import DatabaseError

from orders.services import unfinished_orders
from restaurant.messaging import outbox
from restaurant.staff import books
from restaurant.staff.errors import BookMissing

log = structlog.get_logger()

CHUNK = 1000


def republish_unfinished(services: Sequence[str] = books.PIPELINE) -> dict[str, int]:
    """Have each service publish again what it ever published of orders that have not ended.

    Readers drop what they have handled, so it may be done at any time. Gives the number of
    messages that will be sent, by service; a service whose database is not configured here is
    left out. Raises `BookMissing` without the orders service's: it alone knows which have ended.
    """
    if not books.has("orders"):
        raise BookMissing("orders")
    keys = [str(id_) for id_ in unfinished_orders().values_list("public_id", flat=True)]
    return {service: _republish(service, keys) for service in services if books.has(service)}


def republish_orders(order_ids: Sequence[UUID]) -> int:
    """Have every service publish again what it published of these orders; gives how many.

    A service whose database does not answer is left out, and named in the log.
    """
    keys = [str(id_) for id_ in order_ids]
    count = 0
    for service in filter(books.has, books.PIPELINE):
        try:
            count += _republish(service, keys)
        except DatabaseError as error:
            reason = str(error).partition("\n")[0]
            log.warning("republish_incomplete", service=service, orders=len(keys), reason=reason)
    return count


def _republish(service: str, keys: Sequence[str]) -> int:
    chunks = (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
    return sum(outbox.republish(service, chunk) for chunk in chunks)
