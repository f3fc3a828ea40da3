"""Sending unfinished orders' events again, for a broker that lost its data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import Min

from orders.services import unfinished_orders
from restaurant.messaging import outbox
from restaurant.messaging.models import outbox_of
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


def republish_late(marked: Mapping[UUID, datetime]) -> int:
    """Have services publish again what they published of late orders before these were marked.

    `marked` is when (UTC), by order. What is sent again has been published after that, so each mark
    does it once. A service whose database does not answer is left out, named in the log, and
    caught up with by the next call. Gives how many messages will be sent.
    """
    since = {str(id_): at for id_, at in marked.items()}
    count = 0
    for service in filter(books.has, books.PIPELINE):
        try:
            count += _republish(service, _unsent_since(service, since))
        except DatabaseError as error:
            reason = str(error).partition("\n")[0]
            log.warning("republish_incomplete", service=service, orders=len(since), reason=reason)
    return count


def _unsent_since(service: str, since: Mapping[str, datetime]) -> list[str]:
    rows = outbox_of(service).objects.filter(key__in=list(since), published_at__isnull=False)
    first = rows.order_by().values_list("key").annotate(Min("published_at"))
    return [key for key, at in first if at < since[key]]


def _republish(service: str, keys: Sequence[str]) -> int:
    chunks = (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
    return sum(outbox.republish(service, chunk) for chunk in chunks)
