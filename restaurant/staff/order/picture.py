"""What the page shows of an order, ready for its templates."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from delivery.admin import COLOURS as DELIVERY_COLOURS
from delivery.models import Courier, Delivery
from kitchen.admin import TICKET_COLOURS
from kitchen.models import Ticket
from orders.admin import ORDER_COLOURS
from orders.models import Order, OrderLine
from restaurant.boards.notes import is_allergy
from restaurant.staff.books import PIPELINE
from restaurant.staff.order import journey, people, races
from restaurant.staff.order.case import Case
from restaurant.staff.order.deeds import Button, button
from restaurant.staff.order.dossier import OTHER_ORDERS, Dossier
from restaurant.staff.order.journey import Arrival, Hop
from restaurant.staff.order.stages import stages
from restaurant.staff.order.topics import ICONS, SERVICES

COLOURS = {**ORDER_COLOURS, **TICKET_COLOURS, **DELIVERY_COLOURS}


@dataclass
class Line:
    """A dish with what it costs."""

    row: OrderLine

    @property
    def cost(self) -> Any:
        return self.row.unit_price * self.row.quantity

    @property
    def is_allergy(self) -> bool:
        return is_allergy(self.row.note)


@dataclass
class Reader:
    """A reader of an event, as the journey draws it."""

    arrival: Arrival
    name: str
    letter_url: str = ""
    redrive: Button | None = None


@dataclass
class Step:
    """An event of the journey, and where it goes."""

    hop: Hop
    source: str
    readers: list[Reader]
    # By service in the pipeline's order: "source", a reader's state, or nothing.
    lanes: list[str]
    status: str

    @property
    def key(self) -> str:
        return self.hop.event_id.hex


def picture(dossier: Dossier) -> dict[str, Any]:
    """Give the context of the page's body."""
    order, rights = dossier.order, dossier.rights
    hops = journey.hops(dossier)
    case = Case(dossier, hops)
    return {
        "order": order,
        "colour": COLOURS.get(order.status, ""),
        "colours": COLOURS,
        "is_allergy": is_allergy(order.note),
        "dossier": dossier,
        "sees": {name: rights.sees(name) for name in ("lines", "timeline", "kitchen", "delivery")},
        "missing": [SERVICES[service] for service in rights.missing()],
        "buttons": [button("request_cancel", case), button("resend", case)],
        "stages": stages(dossier) if rights.sees("timeline") else [],
        "lines": [Line(row) for row in dossier.lines],
        "customer_url": link("auth_grpc.user", order.customer_id) if dossier.customer else "",
        "others": dossier.other_orders[:OTHER_ORDERS],
        "others_url": _others_url(order) if len(dossier.other_orders) > OTHER_ORDERS else "",
        "tickets": [_ticket(ticket, case) for ticket in dossier.tickets],
        **_delivery(dossier, case),
        "story": races.story(dossier),
        "steps": [_step(hop, case) for hop in hops],
        "is_purged": any(hop.is_purged for hop in hops),
        "retention": settings.OUTBOX_RETENTION,
        "services": [(ICONS[service], SERVICES[service]) for service in PIPELINE],
        "changes": people.changes(dossier),
    }


def link(label: str, key: object) -> str:
    """Give the address of a row's admin page; nothing where this process does not serve it."""
    try:
        return reverse(f"admin:{label.replace('.', '_')}_change", args=[key])
    except NoReverseMatch:
        return ""


def _others_url(order: Order) -> str:
    query = urlencode({"q": str(order.customer_id)})
    return f"{reverse('admin:orders_order_changelist')}?{query}"


def _ticket(ticket: Ticket, case: Case) -> dict[str, Any]:
    is_done = ticket.status == Ticket.Status.DONE
    target = Case(case.dossier, case.hops, str(ticket.pk))
    return {
        "row": ticket,
        "colour": COLOURS.get(ticket.status, ""),
        "url": link("kitchen.ticket", ticket.pk),
        "lines": [
            {**line, "is_allergy": is_allergy(line.get("note", ""))} for line in ticket.lines
        ],
        "cooked_in": ticket.done_at - ticket.started_at
        if ticket.done_at and ticket.started_at
        else None,
        "recall": button("recall", target) if is_done else None,
    }


def _delivery(dossier: Dossier, case: Case) -> dict[str, Any]:
    if not dossier.rights.sees("delivery"):
        return {}
    delivery = dossier.delivery
    has_courier = delivery is not None and delivery.courier_id is not None
    return {
        "delivery": delivery,
        "delivery_colour": COLOURS.get(delivery.status, "") if delivery else "",
        "delivery_url": link("delivery.delivery", delivery.pk) if delivery else "",
        "assign": button("assign", case, _("Reassign") if has_courier else ""),
        "who_failed": _who_failed(delivery) if delivery else None,
        "tries": [e for e in dossier.timeline if e.type == "order_dispatched"],
        "max_tries": Delivery.MAX_ATTEMPTS,
    }


def _who_failed(delivery: Delivery) -> Courier | None:
    """Give whose attempt the reason is of, if it is of one."""
    if delivery.status not in Delivery.GIVEN_UP:
        return delivery.failed_courier
    # The row keeps who failed first, when the last failure has overwritten its time and reason.
    return delivery.courier if delivery.status == Delivery.Status.FAILED else None


def _step(hop: Hop, case: Case) -> Step:
    states = {arrival.service: arrival.state for arrival in hop.arrivals}
    source = {hop.source: "source"}
    return Step(
        hop,
        str(SERVICES.get(hop.source, "")),
        [_reader(arrival, case) for arrival in hop.arrivals],
        [(source | states).get(service, "") for service in PIPELINE],
        str(Order.Status(hop.status).label) if hop.status else "",
    )


def _reader(arrival: Arrival, case: Case) -> Reader:
    reader = Reader(arrival, str(SERVICES[arrival.service]))
    if arrival.letter:
        reader.letter_url = link(f"{arrival.service}.deadletter", arrival.letter.pk)
    if arrival.state == journey.DEAD:
        target = Case(case.dossier, case.hops, f"{arrival.service}-{arrival.letter.pk}")
        reader.redrive = button(f"redrive-{arrival.service}", target)
    return reader
