"""Why nothing was done, as a device is told: what the ticket is, by whom, and what to do."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kitchen.board.words import why_not
from kitchen.errors import KitchenError, StationFull
from kitchen.models import Ticket
from restaurant.problems import Problem

# A move → the code of its refusal: what the ticket would have to be.
NEEDED = {
    "start": "ticket_not_queued",
    "bump": "ticket_not_cooking",
    "recall": "ticket_not_done",
    "acknowledge": "ticket_not_cancelled",
}
# A code → what to do about it.
NEXT = {
    "station_full": gettext_lazy("Bump a ticket that cooks there, or wait."),
    "order_cooked": gettext_lazy("Nothing of it can be recalled any more."),
}
LOOK = gettext_lazy("Read the ticket again, and show it as it is.")


def conflict(move: str, error: KitchenError, ticket: Ticket, *, now: datetime) -> Problem:
    """Give the problem, 409, that a move's refusal is; the ticket is as it is now."""
    code = _code(move, error, ticket)
    told = {"why": why_not(error, ticket, now=now), "next": NEXT.get(code, LOOK)}
    return Problem(status=409, code=code, detail=_("%(why)s %(next)s") % told)


def _code(move: str, error: KitchenError, ticket: Ticket) -> str:
    if isinstance(error, StationFull):
        return "station_full"
    if move == "recall" and ticket.status == Ticket.Status.DONE:
        return "order_cooked"
    return NEEDED[move]
