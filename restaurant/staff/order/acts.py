"""Doing it: each act calls the service whose rule it is, and is kept in that service's trail.

An act gives what was done, in words, or raises `Refused`; then nothing has changed.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from delivery import services as delivery_services
from delivery.board import words as delivery_words
from delivery.errors import CourierUnavailable, DeliveryError
from delivery.models import Courier, Delivery
from kitchen import services as kitchen_services
from kitchen.board import words as kitchen_words
from kitchen.errors import KitchenError
from kitchen.models import Ticket
from orders import services as order_services
from orders.errors import OrdersError
from orders.models import Order
from restaurant.messaging import dead_letters, outbox
from restaurant.messaging.models import outbox_of
from restaurant.staff.books import PIPELINE
from restaurant.staff.order import limits
from restaurant.staff.order.case import Asked, Case, Refused
from restaurant.trail import Target, record, watch


def cancel(case: Case, asked: Asked) -> str:
    order = case.dossier.order
    assert asked.person.id is not None  # noqa: S101 - somebody is logged in
    with watch(asked.person, order, action="request_cancel", now=asked.now, reason=asked.reason):
        seen = Order.objects.select_for_update().get(pk=order.pk)
        if seen.status == Order.Status.CANCELLED:
            raise Refused(_("It was cancelled meanwhile."))
        if seen.cancel_requested:
            raise Refused(_("Somebody else has just asked; the kitchen decides."))
        try:
            order_services.request_cancel(
                public_id=order.public_id, requested_by=asked.person.id, reason=asked.reason
            )
        except OrdersError as error:
            raise Refused(_("Not asked: %(why)s.") % {"why": error.told()}) from error
    return _("The kitchen is asked to cancel it.")


def _ticket(case: Case) -> Ticket | None:
    return next((t for t in case.dossier.tickets if str(t.pk) == case.target), None)


def why_no_recall(case: Case) -> str:
    ticket = _ticket(case)
    return limits.on_recall(ticket, case.dossier) if ticket else _("This order has no such ticket.")


def recall(case: Case, asked: Asked) -> str:
    ticket = _ticket(case)
    assert ticket is not None  # noqa: S101 - `why_not` was asked before
    try:
        with watch(asked.person, ticket, action="recall", now=asked.now, reason=asked.reason):
            kitchen_services.recall(ticket_id=ticket.pk, now=asked.now, by=asked.name)
    except KitchenError as error:
        fresh = Ticket.objects.select_related("station", "order").get(pk=ticket.pk)
        raise Refused(kitchen_words.why_not(error, fresh, now=asked.now)) from error
    return _("%(station)s cooks it again.") % {"station": ticket.station}


def assign(case: Case, asked: Asked) -> str:
    delivery, courier, seen = case.dossier.delivery, asked.data["courier"], asked.data["seen"]
    assert delivery is not None  # noqa: S101 - `why_not` was asked before
    try:
        with watch(asked.person, delivery, action="assign", now=asked.now, reason=asked.reason):
            delivery_services.assign(
                delivery_id=delivery.pk,
                courier_id=courier.pk,
                now=asked.now,
                by=asked.name,
                seen_courier_id=UUID(seen) if seen else None,
            )
    except ValueError as error:
        raise Refused(
            _("The dialog was sent in a form that it never has. Open it again.")
        ) from error
    except CourierUnavailable as error:
        fresh = Courier.objects.get(pk=courier.pk)
        raise Refused(delivery_words.why_no_courier(fresh, now=asked.now)) from error
    except DeliveryError as error:
        taken = Delivery.objects.select_related("courier").get(pk=delivery.pk)
        raise Refused(delivery_words.who_was_first(taken, now=asked.now)) from error
    return _("%(courier)s has it now.") % {"courier": courier}


def resend(case: Case, asked: Asked) -> str:
    order, rights = case.dossier.order, case.dossier.rights
    sources = {hop.source for hop in case.hops if hop.waits}
    sent = 0
    for service in (s for s in PIPELINE if s in sources and rights.may_change(s)):
        with transaction.atomic(using=service):
            count = outbox.republish(service, [case.dossier.key])
            record(
                asked.person,
                Target(outbox_of(service)._meta.label_lower, case.dossier.key, str(order)),
                action="resend",
                now=asked.now,
                after={"messages": count},
                reason=asked.reason,
            )
        sent += count
    if not sent:
        raise Refused(_("Nothing was sent again: what waits is in the outbox still."))
    return _("%(count)d events are sent again; readers drop those they have had.") % {"count": sent}


def _letter(service: str, case: Case) -> Any:
    """Find a dead letter by its service and key, as "kitchen-7", if it is of this service."""
    letters = case.dossier.letters.get(service, ())
    return next((row for row in letters if case.target == f"{service}-{row.pk}"), None)


def why_no_redrive(service: str, case: Case) -> str:
    letter = _letter(service, case)
    if letter is None:
        return _("This order has no such dead letter.")
    if letter.redriven_at:
        return _("It was sent again already.")
    return _("It was discarded.") if letter.discarded_at else ""


def redrive(service: str, case: Case, asked: Asked) -> str:
    letter = _letter(service, case)
    assert letter is not None  # noqa: S101 - `why_not` was asked before
    with watch(asked.person, letter, action="redrive", now=asked.now, reason=asked.reason):
        if not dead_letters.redrive(service, [letter.pk], now=asked.now, by=asked.person.email):
            raise Refused(_("Somebody else has just decided about it."))
    return _("%(topic)s is sent again, and %(service)s tries anew.") % {
        "topic": letter.topic,
        "service": service,
    }
