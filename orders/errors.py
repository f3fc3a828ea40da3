"""What can be wrong with an order, a menu or a request for one."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from restaurant.told import Told


class OrdersError(Told):
    """Base of the service's errors."""


class Refusal(NamedTuple):
    """One thing that is wrong with a request: where (RFC 6901 pointer), which rule, in words."""

    pointer: str
    code: str
    detail: str


class OrderRefused(OrdersError):
    """`refusals` tells everything that is wrong with the request."""

    text = _("The request cannot become an order.")

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{r.pointer}: {r.detail}" for r in refusals))
        self.refusals = list(refusals)


class KeyReused(OrdersError):
    text = _("The idempotency key was used before, with another request.")


class KeyInUse(OrdersError):
    text = _("The first request with the idempotency key still runs.")


class IntakeUnavailable(OrdersError):
    """Whether this order was still taken at the last moment, the same idempotency key tells."""

    text = _("Orders cannot be taken now: too many wait, or the database is away or too slow.")


class UnknownOrder(OrdersError):
    text = _("There is no such order here.")


class OrderEnded(OrdersError):
    text = _("The order has ended; nothing more can be asked of it.")


class OrderCooked(OrdersError):
    text = _("The order is cooked; it cannot be cancelled any more.")


class UnknownItem(OrdersError):
    text = _("The menu has no such item.")


class MenuRefused(OrdersError):
    """`problems` names each thing that is wrong, with its path."""

    text = _("The menu file cannot be taken.")

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class MenuMoved(OrdersError):
    text = _("The menu has changed since it was shown; look at what would happen now.")


class PictureRefused(OrdersError):
    """The message says why, to staff."""

    text = _("The file cannot be taken as a picture.")
