"""Finding orders that do not get on: marked with a reason, logged, and republished once."""

from datetime import datetime
from typing import NamedTuple

import structlog

from orders import services as orders
from orders.late import overdue_after
from orders.models import Order
from restaurant.staff.reasons import reasons
from restaurant.staff.republish import republish_late

log = structlog.get_logger()

# Orders looked at in a run, those that wait longest first; the next run looks at them again.
MOST = 1000
# Where in the cache it is kept when the watchdog last ran.
RAN = "watchdog:ran"


class Watched(NamedTuple):
    """What a run of the watchdog did."""

    overdue: int
    newly_marked: int
    cleared: int


def watch(*, now: datetime) -> Watched:
    """Mark the orders that have not moved for too long, and take the mark from those that have.

    An order newly marked has its events published again: readers that had them drop them, and one
    that lost them goes on. `now` is UTC. Needs the orders service's database; what other
    databases are not configured here, it does without.
    """
    limit = now - overdue_after()
    moved = orders.unfinished_orders().filter(overdue_since__isnull=False, updated_at__gte=limit)
    cleared = orders.clear_overdue(moved.values_list("public_id", flat=True))
    late = list(orders.unfinished_orders().filter(updated_at__lt=limit)[:MOST])
    new = _mark(late, now) if late else 0
    return Watched(overdue=len(late), newly_marked=new, cleared=cleared)


def _mark(late: list[Order], now: datetime) -> int:
    why = reasons(late, now=now)
    # Of those marked before, what could not be republished then.
    republish_late({order.public_id: order.overdue_since or now for order in late})
    new = orders.mark_overdue(why, now=now)
    numbers = {order.public_id: order.pk for order in late}
    for id_ in new:
        log.warning("order_overdue", number=numbers[id_], order_id=str(id_), reason=why[id_])
    return len(new)
