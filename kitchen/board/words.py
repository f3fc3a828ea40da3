"""What the board says to a cook who came second, or asked for what cannot be."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kitchen.errors import KitchenError, StationFull
from kitchen.models import KitchenOrder, Ticket
from restaurant.boards.words import ago

Status = Ticket.Status
# What became of a ticket, by whom and when.
TOLD = {
    Status.QUEUED: gettext_lazy("it waits to be started"),
    Status.COOKING: gettext_lazy("%(who)s started or recalled it %(ago)s"),
    Status.DONE: gettext_lazy("%(who)s bumped it %(ago)s"),
    Status.CANCELLED: gettext_lazy("it was cancelled %(ago)s"),
}


def why_not(error: KitchenError, ticket: Ticket, *, now: datetime) -> str:
    """Say why nothing was done, by how the ticket is in truth; in the site's language."""
    named = f"#{ticket.order.number} {ticket.station.name}"
    if isinstance(error, StationFull):
        return _("%(ticket)s: the station has no room for another one.") % {"ticket": named}
    return _("%(ticket)s: %(told)s.") % {"ticket": named, "told": _told(ticket, now)}


def _told(ticket: Ticket, now: datetime) -> str:
    order = ticket.order
    if ticket.status == Status.DONE and order.status == KitchenOrder.Status.COOKED:
        return _("the order is complete and on its way")
    if ticket.status == Status.DONE and order.status == KitchenOrder.Status.CANCELLED:
        return _("its order was cancelled %(ago)s") % {"ago": ago(order.updated_at, now=now)}
    if ticket.acknowledged_at:
        text = _("%(who)s took note that it was cancelled %(ago)s")
    else:
        text = str(TOLD[Status(ticket.status)])
    moved_at = ticket.moved_at or ticket.queued_at
    return text % {"who": ticket.moved_by or _("the timer"), "ago": ago(moved_at, now=now)}


def texts() -> dict[str, str]:
    """Give what the board's own script says, in the language of the request."""
    return {
        "left": _("{time} left"),
        "due": _("due"),
        "none": _("Pick a card first."),
        "no_dishes": _("The dishes of this card cannot be taken off the menu here."),
        "no_recall": _("Nothing can be recalled."),
        "off": _("{dish} is off the menu."),
        "back": _("{dish} is on the menu again."),
    }
