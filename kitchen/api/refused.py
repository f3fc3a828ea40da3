"""Why nothing was done, as a device is told: what the ticket is, and by whom."""

from datetime import datetime

from kitchen.board.words import why_not
from kitchen.errors import KitchenError, StationFull
from kitchen.models import KitchenOrder, Ticket
from restaurant.problems import Problem

# A move → the code of its refusal: what the ticket would have to be.
NEEDED = {
    "start": "ticket_not_queued",
    "bump": "ticket_not_cooking",
    "recall": "ticket_not_done",
    "acknowledge": "ticket_not_cancelled",
}
# What became of its order → why a done ticket stays done.
OVER = {
    KitchenOrder.Status.COOKED: "order_cooked",
    KitchenOrder.Status.CANCELLED: "order_ended",
}


def conflict(move: str, error: KitchenError, ticket: Ticket, *, now: datetime) -> Problem:
    """Give the problem, 409, that a move's refusal is; the ticket is as it is now."""
    code = _code(move, error, ticket)
    return Problem(code=code, detail=str(why_not(error, ticket, now=now)))


def _code(move: str, error: KitchenError, ticket: Ticket) -> str:
    if isinstance(error, StationFull):
        return "station_full"
    if move == "recall" and ticket.status == Ticket.Status.DONE:
        return OVER.get(KitchenOrder.Status(ticket.order.status), NEEDED[move])
    return NEEDED[move]
