"""What people changed of an order, from every service's trail."""

from typing import Any

from django.db.models import Q

from restaurant.staff.order.dossier import MOST, Dossier
from restaurant.staff.order.topics import SERVICES
from restaurant.trail.models import trail_of

VIEW = "staff.view_trail"


def changes(dossier: Dossier) -> list[Any]:
    """Give the trail's entries, oldest first, to those who may read the trail."""
    if not dossier.rights.may(VIEW):
        return []
    found = []
    for service, rows in _rows(dossier).items():
        wanted = Q()
        for label, keys in rows.items():
            wanted |= Q(object_type=label, object_id__in=keys)
        # In no order: by key and with a limit, a database may walk the whole trail to find few.
        found += trail_of(service).objects.filter(wanted).order_by()[:MOST]
    return sorted(found, key=lambda entry: entry.at)


def _rows(dossier: Dossier) -> dict[str, dict[str, list[str]]]:
    """Name the order's rows, by service and model, as far as the reader may see them."""
    order, key = dossier.order, dossier.key
    rows: dict[str, dict[str, list[str]]] = {"orders": {"orders.order": [str(order.pk)]}}
    if dossier.rights.sees("kitchen"):
        tickets = [str(ticket.pk) for ticket in dossier.tickets]
        rows["kitchen"] = {"kitchen.kitchenorder": [key], "kitchen.ticket": tickets}
    if dossier.rights.sees("delivery"):
        deliveries = [str(dossier.delivery.pk)] if dossier.delivery else []
        rows["delivery"] = {"delivery.delivery": deliveries}
    for service in SERVICES:
        letters = [str(letter.pk) for letter in dossier.letters.get(service, ())]
        if service in rows:
            rows[service] |= {
                f"{service}.outboxmessage": [key],
                f"{service}.deadletter": letters,
            }
    return rows
