"""Comparing the services' books, order by order.

Every order that was taken is delivered, ended otherwise, or in flight in every book; each effect
happened once; no message is stuck. It runs beside a system at work: books are read one after the
other, so what looks wrong is looked at again, and only what stays wrong is a finding.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from orders.late import overdue_after
from orders.models import Order
from restaurant.staff import books
from restaurant.staff.audit import messages, strangers
from restaurant.staff.audit.cases import cases
from restaurant.staff.audit.checks import Limits, check
from restaurant.staff.audit.findings import Finding, Kind
from restaurant.staff.errors import BookMissing

__all__ = ["Finding", "Kind", "audit"]

# Orders looked at together: a dozen statements for each so many.
CHUNK = 1000
# A message that its reader has not handled after this long is stuck.
STUCK_AFTER = timedelta(seconds=60)
LOOKS = 3
SECONDS_BETWEEN_LOOKS = 0.5

Progress = Callable[[int], object]


def audit(
    *, stuck_after: timedelta = STUCK_AFTER, progress: Progress | None = None
) -> list[Finding]:
    """Give what is missing, doubled, wrong or stuck; nothing when the books agree.

    `progress` is called with the number of orders after each chunk. Raises `BookMissing` when a
    service's database is not configured here: without it nothing can be said.
    """
    for service in books.missing():
        raise BookMissing(service)
    found = [*_orders(_all_chunks(), stuck_after, progress), *_at_large(stuck_after)]
    for _look in range(LOOKS - 1):
        if not found:
            break
        time.sleep(SECONDS_BETWEEN_LOOKS)
        found = _still(found, stuck_after)
    return _explained(_numbered(found))


def _still(found: Collection[Finding], stuck_after: timedelta) -> list[Finding]:
    """Look again at what was found, and keep what is found again."""
    suspects = sorted({finding.order_id for finding in found if finding.order_id})
    now = {*_orders(_chunks_of(suspects), stuck_after), *_at_large(stuck_after)}
    return [finding for finding in found if finding in now]


def _numbered(found: list[Finding]) -> list[Finding]:
    """Give findings the numbers of the orders whose ids alone they know."""
    unknown = [f.order_id for f in found if f.number is None and f.order_id]
    numbers: dict[UUID | None, int] = {}
    for start in range(0, len(unknown), CHUNK):
        some = Order.objects.filter(public_id__in=unknown[start : start + CHUNK])
        numbers.update(some.values_list("public_id", "pk"))
    return [replace(f, number=numbers[f.order_id]) if f.order_id in numbers else f for f in found]


def _explained(found: list[Finding]) -> list[Finding]:
    """Add to findings on an order what somebody discarded of it: they may well be its price."""
    ids = sorted({f.order_id for f in found if f.order_id})
    why: dict[UUID, str] = {}
    for start in range(0, len(ids), CHUNK):
        why.update(messages.discarded(ids[start : start + CHUNK]))
    return [
        replace(f, what=f"{f.what} ({why[f.order_id]})") if f.order_id in why else f for f in found
    ]


def _orders(
    chunks: Iterable[list[Order]], stuck_after: timedelta, progress: Progress | None = None
) -> Iterator[Finding]:
    for chunk in chunks:
        now = timezone.now()
        limits = Limits(message=now - stuck_after, order=now - overdue_after())
        for case in cases(chunk):
            yield from check(case, limits)
        if progress:
            progress(len(chunk))


def _at_large(stuck_after: timedelta) -> Iterable[Finding]:
    overdue = timezone.now() - stuck_after
    return chain(
        messages.unpublished(overdue=overdue), messages.dead_letters(), strangers.strangers(CHUNK)
    )


def _all_chunks() -> Iterator[list[Order]]:
    last = 0
    while chunk := list(_wanted().filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _chunks_of(order_ids: list[UUID]) -> Iterator[list[Order]]:
    for start in range(0, len(order_ids), CHUNK):
        yield list(_wanted().filter(public_id__in=order_ids[start : start + CHUNK]))


def _wanted() -> QuerySet[Order]:
    return Order.objects.only("public_id", "status", "status_rank", "total", "updated_at")
