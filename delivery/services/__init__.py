"""The delivery service's use cases: every write goes through here."""

from delivery.services.by_hand import assign, cancel, deliver, fail, pick_up
from delivery.services.clock import drive
from delivery.services.intake import NewDelivery, plan_deliveries
from delivery.services.shifts import end_shift, start_shift

__all__ = [
    "NewDelivery",
    "assign",
    "cancel",
    "deliver",
    "drive",
    "end_shift",
    "fail",
    "pick_up",
    "plan_deliveries",
    "start_shift",
]
