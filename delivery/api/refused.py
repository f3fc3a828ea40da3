"""Why nothing was done, as a client is told: how it is now, and by whom."""

from datetime import datetime

from delivery.board.words import who_was_first
from delivery.models import Delivery
from restaurant.problems import Problem

# A move → the code of its refusal: what the delivery would have to be.
NEEDED = {
    "pick_up": "delivery_not_assigned",
    "deliver": "delivery_not_out_for_delivery",
    "fail": "delivery_not_out_for_delivery",
}


def conflict(move: str, delivery: Delivery, *, now: datetime) -> Problem:
    """Give the problem, 409, that a move's refusal is; the delivery is as it is now."""
    return Problem(code=NEEDED[move], detail=who_was_first(delivery, now=now))
