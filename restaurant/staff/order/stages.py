"""The way of an order in a line: which statuses it has passed, when, and how long each took."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from orders.models import Order
from restaurant.staff.order.dossier import Dossier

Status = Order.Status
WAY = (
    *(Status.PLACED, Status.ACCEPTED, Status.COOKING, Status.COOKED),
    *(Status.OUT_FOR_DELIVERY, Status.DELIVERED),
)
DONE, HERE, AHEAD, SKIPPED, ENDED = "done", "here", "ahead", "skipped", "ended"


@dataclass
class Stage:
    """A status on an order's way; `took` is how long it was until the next."""

    status: Order.Status
    state: str
    at: datetime | None = None
    took: timedelta | None = None


def stages(dossier: Dossier) -> list[Stage]:
    """Give the order's way, to where it has come or ended and, unless it has, what lies ahead."""
    order = dossier.order
    times = {entry.status: entry.at for entry in reversed(dossier.timeline) if entry.status}
    passed = [s for s in WAY if s.rank <= order.status_rank and s != Status.DELIVERED]
    if order.is_ended:
        # What was not reached is not on the way of one that ended otherwise.
        reached = [s for s in passed if s in times]
        way = [*reached, Status(order.status)]
    else:
        way = list(WAY)
    found = [Stage(status, _state(status, order), times.get(status)) for status in way]
    _measure(found, dossier.now)
    return found


def _state(status: Order.Status, order: Order) -> str:
    if status == order.status:
        if not order.is_ended:
            return HERE
        return DONE if status == Status.DELIVERED else ENDED
    return DONE if status.rank < order.status_rank else AHEAD


def _measure(found: list[Stage], now: datetime) -> None:
    timed = [stage for stage in found if stage.at]
    for stage, after in pairwise(timed):
        if stage.at and after.at:
            stage.took = max(timedelta(0), after.at - stage.at)
    for stage in found:
        if stage.state == DONE and stage.at is None:
            stage.state = SKIPPED
