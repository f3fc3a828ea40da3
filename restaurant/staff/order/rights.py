"""What of an order somebody may see: each service's rows by the rights to its own models."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from auth_grpc import authority
from auth_grpc.models import User
from auth_grpc.roles import ACTIONS, GRANTS
from restaurant.staff import books

# A part of the page → the models it shows, as permissions name them.
PARTS: dict[str, tuple[str, ...]] = {
    "lines": ("orders.orderline",),
    "timeline": ("orders.timelineentry",),
    "kitchen": ("kitchen.kitchenorder", "kitchen.ticket"),
    "delivery": ("delivery.delivery",),
    **{f"{service}.letters": (f"{service}.deadletter",) for service in books.PIPELINE},
}
# Outboxes and inboxes are nobody's work: of an order they are shown to those who may see how the
# pipeline does, as far as they may see the service's own rows.
PIPELINE = "staff.view_pipeline"
WHOSE = {
    "orders": "orders.order",
    "kitchen": "kitchen.kitchenorder",
    "delivery": "delivery.delivery",
}


class Rights:
    """What a reader may see and do; a part of a service without a database here is not seen."""

    def __init__(self, user: Any) -> None:
        self._user = user

    def users(self) -> QuerySet[User]:
        """Give the users whom the reader may see, the order's customer perhaps among them."""
        return authority.visible(self._user)

    def sees(self, part: str) -> bool:
        labels = PARTS[part]
        return books.has(labels[0].partition(".")[0]) and all(map(self._views, labels))

    def sees_messages(self, service: str) -> bool:
        """Tell whether what a service said and heard of the order may be shown."""
        return books.has(service) and self.may(PIPELINE) and self._views(WHOSE[service])

    def may_change(self, service: str) -> bool:
        app, _dot, model = WHOSE[service].partition(".")
        return self.may(f"{app}.change_{model}")

    def may(self, permission: str) -> bool:
        return bool(self._user.has_perm(permission))

    def _views(self, label: str) -> bool:
        app, _dot, model = label.partition(".")
        return self.may(f"{app}.view_{model}")

    def missing(self) -> list[str]:
        """Name the services that the reader may see and whose database is not configured here."""
        return [service for service in books.missing() if self._views(WHOSE[service])]


def needed_for(permission: str) -> str:
    """Say which role somebody lacks who has not got the permission."""
    if roles := ", ".join(_roles_with(permission)):
        return _("You may not: it needs the role %(roles)s.") % {"roles": roles}
    return _("You may not: it needs the right %(right)s.") % {"right": permission}


def _roles_with(permission: str) -> Iterable[str]:
    app, _dot, code = permission.partition(".")
    action = code.partition("_")[0]
    for role, apps in GRANTS.items():
        given = apps.get(app, ())
        if code in given or (action in ACTIONS and action in given):
            yield str(role.label)
