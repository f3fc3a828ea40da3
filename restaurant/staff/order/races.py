"""How an order and the wish to cancel it met, told in words."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kitchen.models import Ticket
from orders.models import TimelineEntry
from proto import orders_pb2
from restaurant.messaging import contracts
from restaurant.messaging.errors import InvalidMessage
from restaurant.staff.order.dossier import Dossier
from restaurant.staff.order.words import clock, span

ASKED, CREATED = "order_cancel_requested", "order_created"
OVERTOOK = gettext_lazy(
    "The cancel overtook the order: the kitchen had not heard of it, and never cooks it."
)
# What the kitchen's service says by itself.
KITCHENS = {"already cooked": gettext_lazy("already cooked")}
CANCELLED, REFUSED, COOKED = "order_cancelled", "order_cancel_rejected", "order_cooked"


def story(dossier: Dossier) -> list[str]:
    """Tell of each wish to cancel what became of it; nothing when there was none."""
    asked = [entry for entry in dossier.timeline if entry.type == ASKED]
    if not asked:
        cancelled = dossier.entry(CANCELLED)
        return [_by_the_kitchen(cancelled)] if cancelled else []
    answers = [e for e in dossier.timeline if e.type in (CANCELLED, REFUSED)]
    return [_tell(wish, _answer_to(wish, answers), dossier) for wish in asked]


def _by_the_kitchen(cancelled: TimelineEntry) -> str:
    return _("Nobody asked to cancel it: the kitchen did, at %(time)s.") % {
        "time": clock(cancelled.at)
    }


def _answer_to(wish: TimelineEntry, answers: list[TimelineEntry]) -> TimelineEntry | None:
    """Give the first answer that came after it; each wish waits for its own before the next."""
    return next((answer for answer in answers if answer.at >= wish.at), None)


def _tell(wish: TimelineEntry, answer: TimelineEntry | None, dossier: Dossier) -> str:
    who = _who(wish, dossier)
    if answer is None and _overtook(wish, dossier):
        return " ".join([_("%(who)s asked to cancel it.") % {"who": who}, str(OVERTOOK)])
    if answer is None:
        return _("%(who)s asked to cancel it at %(time)s; the kitchen has not answered yet.") % {
            "who": who,
            "time": clock(wish.at),
        }
    parts = (
        _cancelled(wish, answer, dossier)
        if answer.type == CANCELLED
        else _refused(wish, answer, dossier)
    )
    return " ".join([_("%(who)s asked to cancel it.") % {"who": who}, *parts])


def _cancelled(wish: TimelineEntry, answer: TimelineEntry, dossier: Dossier) -> Iterable[str]:
    if _overtook(wish, dossier):
        yield str(OVERTOOK)
        return
    took = span(answer.at - wish.at)
    left = sum(ticket.status == Ticket.Status.CANCELLED for ticket in dossier.tickets)
    if left:
        yield ngettext(
            "The cancel came while %(left)d of %(all)d ticket was not done: the kitchen cancelled "
            "it, %(took)s after it was asked.",
            "The cancel came while %(left)d of %(all)d tickets were not done: the kitchen "
            "cancelled it, %(took)s after it was asked.",
            len(dossier.tickets),
        ) % {"left": left, "all": len(dossier.tickets), "took": took}
    else:
        yield _(
            "The cancel came before it was cooked: the kitchen cancelled it, %(took)s later."
        ) % {"took": took}
    if last := _last_done(dossier):
        yield _("The last ticket that was done was bumped %(span)s before.") % {
            "span": span(answer.at - last)
        }


def _refused(wish: TimelineEntry, answer: TimelineEntry, dossier: Dossier) -> Iterable[str]:
    given = answer.detail.get("reason")
    reason = KITCHENS.get(given, given) or _("the kitchen did not say why")
    cooked = dossier.entry(COOKED)
    done = _last_done(dossier) or (cooked.at if cooked else None)
    if done is None:
        yield _("The kitchen refused: %(reason)s.") % {"reason": reason}
    elif wish.at < done:
        yield _(
            "It was asked %(before)s before the last ticket was done, but reached the kitchen "
            "%(after)s after: rejected because it was %(reason)s."
        ) % {"before": span(done - wish.at), "after": span(answer.at - done), "reason": reason}
    else:
        yield _(
            "The cancel came %(after)s after the last ticket was done: rejected because it was "
            "%(reason)s."
        ) % {"after": span(wish.at - done), "reason": reason}


def _last_done(dossier: Dossier) -> datetime | None:
    return max((t.done_at for t in dossier.tickets if t.done_at), default=None)


def _overtook(wish: TimelineEntry, dossier: Dossier) -> bool:
    """Tell whether the kitchen heard of the wish before the order."""
    if dossier.kitchen is not None and dossier.kitchen.number is None:
        return True
    created, heard = dossier.entry(CREATED), dossier.heard.get("kitchen", {})
    first, second = heard.get(wish.event_id), heard.get(created.event_id) if created else None
    return bool(first and second and first.handled_at < second.handled_at)


def _who(wish: TimelineEntry, dossier: Dossier) -> str:
    asker = _asker(wish, dossier)
    if asker is None:
        return _("Somebody")
    return _("The customer") if asker == dossier.order.customer_id else _("Staff")


def _asker(wish: TimelineEntry, dossier: Dossier) -> UUID | None:
    for row in dossier.said.get("orders", ()):
        if row.event_id == wish.event_id:
            try:
                message: orders_pb2.OrderCancelRequested = contracts.decode(
                    row.type, bytes(row.payload)
                )
                return UUID(message.requested_by)
            except (InvalidMessage, ValueError):
                return None
    return None
