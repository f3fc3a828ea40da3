"""What can be wrong with an order, a menu or a request for one."""

from collections.abc import Sequence
from typing import NamedTuple


class OrdersError(Exception):
    """Base of the service's errors."""


class Refusal(NamedTuple):
    """One thing that is wrong with a request: where (RFC 6901 pointer), which rule, in words."""

    pointer: str
    code: str
    detail: str


class OrderRefused(OrdersError):
    """The request cannot become an order; `refusals` tells everything that is wrong with it."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{r.pointer}: {r.detail}" for r in refusals))
        self.refusals = list(refusals)


class KeyReused(OrdersError):
    """The idempotency key was used before, with another request."""


class IntakeUnavailable(OrdersError):
    """Orders cannot be taken now: too many wait, or the database is away or too slow.

    Whether this one was still taken at the last moment, the same idempotency key tells.
    """


class UnknownOrder(OrdersError):
    """There is no such order here."""


class OrderEnded(OrdersError):
    """The order has ended; nothing more can be asked of it."""


class UnknownItem(OrdersError):
    """The menu has no such item."""


class MenuRefused(OrdersError):
    """The menu file cannot be taken; `problems` names each with its path."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class MenuMoved(OrdersError):
    """The menu has changed since it was shown; look at what would happen now."""


class PictureRefused(OrdersError):
    """The file cannot be taken as a picture; the message says why, to staff."""
