"""The delivery service's use cases: every write goes through here."""

from delivery.services.by_hand import (
    assign,
    cancel,
    deliver,
    fail,
    pick_up,
    release,
    unassign,
)
from delivery.services.clock import drive, due
from delivery.services.intake import NewDelivery, plan_deliveries
from delivery.services.moves import travel_time
from delivery.services.restored import Restored as RestoredDelivery
from delivery.services.restored import find_or_make_courier, restore_deliveries
from delivery.services.returns import when_back
from delivery.services.shifts import end_shift, save_courier, start_shift, undo_end_shift

__all__ = [
    "NewDelivery",
    "RestoredDelivery",
    "assign",
    "cancel",
    "deliver",
    "drive",
    "due",
    "end_shift",
    "fail",
    "find_or_make_courier",
    "pick_up",
    "plan_deliveries",
    "release",
    "restore_deliveries",
    "save_courier",
    "start_shift",
    "travel_time",
    "unassign",
    "undo_end_shift",
    "when_back",
]
