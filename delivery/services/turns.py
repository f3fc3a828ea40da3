"""The service's transactions, and what they tell others."""

from functools import partial

from delivery import events
from restaurant.messaging import turns
from restaurant.messaging.turns import Turn

__all__ = ["Turn", "announce", "take_turn"]

take_turn = partial(turns.take_turn, "delivery", events.changed)
announce = partial(turns.announce, "delivery", events.changed)
