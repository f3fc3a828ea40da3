"""The kitchen's use cases: every write goes through here."""

from kitchen.services.by_hand import acknowledge, bump, cancel_order, recall, start_ticket
from kitchen.services.cancelling import CancelRequest, decide_cancellations
from kitchen.services.clock import cook, due
from kitchen.services.intake import NewOrder, NewTicket, take_orders
from kitchen.services.restored import Restored as RestoredOrder
from kitchen.services.restored import restore_orders
from kitchen.services.stations import save_station, set_station_open

__all__ = [
    "CancelRequest",
    "NewOrder",
    "NewTicket",
    "RestoredOrder",
    "acknowledge",
    "bump",
    "cancel_order",
    "cook",
    "decide_cancellations",
    "due",
    "recall",
    "restore_orders",
    "save_station",
    "set_station_open",
    "start_ticket",
    "take_orders",
]
