"""Why something cannot be done to an order now, in words; nothing where it can."""

from django.utils.translation import gettext as _

from delivery.models import Delivery
from kitchen.models import KitchenOrder, Ticket
from orders.models import Order
from restaurant.staff.order.dossier import Dossier
from restaurant.staff.order.journey import Hop
from restaurant.staff.order.words import clock

Status = Delivery.Status


def on_cancel(dossier: Dossier) -> str:
    order = dossier.order
    if order.is_ended:
        return _("Cannot be cancelled: it is %(status)s since %(time)s.") % _since(dossier)
    if order.cancel_requested:
        asked = dossier.entry("order_cancel_requested")
        if asked is None:
            return _("It was asked already; the kitchen decides.")
        return _("It was asked at %(time)s; the kitchen decides.") % {"time": clock(asked.at)}
    if order.status_rank >= Order.Status.COOKED.rank:
        return _("Cannot be cancelled: it is %(status)s since %(time)s.") % _since(dossier)
    return ""


def _since(dossier: Dossier) -> dict[str, str]:
    order = dossier.order
    times = [entry.at for entry in dossier.timeline if entry.status == order.status]
    at = times[-1] if times else order.updated_at
    return {"status": order.get_status_display(), "time": clock(at)}


def on_recall(ticket: Ticket, dossier: Dossier) -> str:
    if ticket.status != Ticket.Status.DONE:
        return _("Cannot be recalled: it is %(status)s.") % {"status": ticket.get_status_display()}
    if dossier.kitchen and dossier.kitchen.status == KitchenOrder.Status.COOKING:
        return ""
    carried = _with_courier(dossier.delivery)
    if carried:
        return _("Cannot be recalled: %(where)s.") % {"where": carried}
    if dossier.kitchen and dossier.kitchen.status == KitchenOrder.Status.COOKED:
        return _("Cannot be recalled: the whole order is cooked since %(time)s.") % {
            "time": clock(dossier.kitchen.updated_at)
        }
    return _("Cannot be recalled: the order is cancelled.")


def _with_courier(delivery: Delivery | None) -> str:
    if delivery is None or delivery.status not in (*Delivery.CARRIED, Status.DELIVERED):
        return ""
    told = {"courier": str(delivery.courier)}
    if delivery.status == Status.ASSIGNED and delivery.assigned_at:
        told["time"] = clock(delivery.assigned_at)
        return _("%(courier)s has it since %(time)s") % told
    if delivery.status == Status.DELIVERED and delivery.delivered_at:
        told["time"] = clock(delivery.delivered_at)
        return _("it is delivered since %(time)s") % told
    told["time"] = clock(delivery.dispatched_at or delivery.updated_at)
    return _("it is on the road with %(courier)s since %(time)s") % told


def on_assign(dossier: Dossier) -> str:
    delivery = dossier.delivery
    if delivery is None:
        return _("There is no delivery: delivery hears of it when it is cooked.")
    if delivery.status in (Status.AWAITING_COURIER, Status.ASSIGNED):
        return ""
    if where := _with_courier(delivery):
        return _("Cannot be reassigned: %(where)s.") % {"where": where}
    return _("Cannot be reassigned: it is %(status)s since %(time)s.") % {
        "status": delivery.get_status_display(),
        "time": clock(delivery.failed_at or delivery.updated_at),
    }


def on_resend(dossier: Dossier, hops: list[Hop]) -> str:
    if any(hop.waits for hop in hops):
        return ""
    if any(hop.dead for hop in hops):
        return _("Nothing to resend: a reader has it as a dead letter, which is to be redriven.")
    unsent = [hop for hop in hops if hop.sent and hop.sent.published_at is None]
    if unsent:
        return _("Nothing to resend: %(topic)s is in the outbox and goes by itself.") % {
            "topic": unsent[0].name
        }
    if not dossier.heard:
        return _("It cannot be told what its readers have handled: you may not see their inboxes.")
    return _("Nothing to resend: its readers have had every event.")
