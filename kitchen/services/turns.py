"""The service's transactions, and what they tell others."""

from functools import partial

from kitchen import events
from restaurant.messaging import turns
from restaurant.messaging.turns import Turn

__all__ = ["Turn", "join_turn", "take_turn"]

# In a transaction that is open already; what was said must be written by `write`.
join_turn = partial(Turn, "kitchen", events.changed)
take_turn = partial(turns.take_turn, "kitchen", events.changed)
