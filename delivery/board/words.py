"""What the board says to a dispatcher who came second, or asked for what cannot be."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Courier, Delivery
from restaurant.boards.words import ago

Status = Delivery.Status
# What became of a delivery, by whom and when.
TOLD: dict[str, Promise] = {
    Status.AWAITING_COURIER: gettext_lazy("%(who)s had it wait again %(ago)s"),
    Status.ASSIGNED: gettext_lazy("%(who)s gave it to %(courier)s %(ago)s"),
    Status.OUT_FOR_DELIVERY: gettext_lazy("%(courier)s left with it %(ago)s, says %(who)s"),
    Status.DELIVERED: gettext_lazy("%(who)s marked it as delivered %(ago)s"),
    Status.FAILED: gettext_lazy("%(who)s marked it as failed %(ago)s, for the last time"),
    Status.CANCELLED: gettext_lazy("%(who)s gave it up %(ago)s"),
}
HELD = gettext_lazy("%(who)s took it back %(ago)s")
SECOND = gettext_lazy("%(who)s marked it as failed %(ago)s, and it waits for its second try")
# What a customer may be told; somebody may write another reason.
REASONS = (
    gettext_lazy("nobody opened the door"),
    gettext_lazy("the address was not found"),
    gettext_lazy("the customer did not want it"),
    gettext_lazy("the food was spoiled on the way"),
    gettext_lazy("the courier could not go on"),
)


def who_was_first(delivery: Delivery, *, now: datetime) -> str:
    """Say who made of the delivery what it is, and when; in the language of the request."""
    told = _told(delivery) % {
        "who": delivery.moved_by or _("the timer"),
        "courier": delivery.courier,
        "ago": ago(delivery.moved_at or delivery.created_at, now=now),
    }
    return _("%(delivery)s: %(told)s.") % {"delivery": delivery, "told": told}


def why_no_courier(courier: Courier, *, now: datetime) -> str:
    """Say why a courier cannot be given more: they went home, or carry as much as they may."""
    if courier.on_shift:
        return _("%(courier)s carries as much as they may.") % {"courier": courier}
    return who_changed_shift(courier, now=now)


def who_changed_shift(courier: Courier, *, now: datetime) -> str:
    """Say who started or ended the courier's shift, and when."""
    told = {
        "courier": courier,
        "who": courier.shift_changed_by or _("somebody"),
        "ago": ago(courier.shift_changed_at, now=now) if courier.shift_changed_at else "",
    }
    if not courier.shift_changed_at:
        text = _("%(courier)s is on shift.") if courier.on_shift else _("%(courier)s is off shift.")
    elif courier.on_shift:
        text = _("%(courier)s is on shift: %(who)s started it %(ago)s.")
    else:
        text = _("%(courier)s is off shift: %(who)s ended it %(ago)s.")
    return text % told


def _told(delivery: Delivery) -> str:
    if delivery.status != Status.AWAITING_COURIER:
        return str(TOLD[delivery.status])
    if delivery.is_held:
        return str(HELD)
    if delivery.failed_at and delivery.failed_at == delivery.moved_at:
        return str(SECOND)
    return str(TOLD[delivery.status]) if delivery.moved_at else _("it waits for a courier")


def texts() -> dict[str, str]:
    """Give what the board's own script says, in the language of the request."""
    return {
        "assigned": _("{number} goes with {courier}."),
        "reassigned": _("{number} goes from {before} to {courier}."),
        "taken_back": _("{number} waits again, and is held: the timer leaves it to you."),
        "released": _("{number} may be assigned by the timer."),
        "picked_up": _("{courier} is on the road with {number}."),
        "delivered": _("{number} is delivered."),
        "failed_once": _("{number} failed, and waits for its second try."),
        "failed_twice": _("{number} failed for the second time: its order has ended."),
        "gave_up": _("{number} is given up: its order has ended."),
        "shift_started": _("{courier} is on shift."),
        "shift_ended": _("{courier} is off shift."),
        "shift_ended_freed": _("{courier} is off shift, and {count} of theirs wait again."),
        "undone": _("Undone."),
        "undone_held": _("Undone. {number} is held: the timer leaves it to you."),
        "nothing": _("Pick a card first."),
        "not_here": _("That cannot be done to this card."),
        "ago": _("{time} ago"),
        "arrives": _("arrives in {time}"),
        "overdue": _("{time} over"),
        "back_in": _("back in {time}"),
        "back_over": _("{time} over"),
        "assign": _("Assign {number}"),
        "reassign": _("Give {number} to another courier"),
        "fail": _("{number} failed: why?"),
        "give_up": _("Give {number} up: why?"),
    }
