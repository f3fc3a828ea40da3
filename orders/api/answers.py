"""How the service's results and errors are told over HTTP."""

from django.utils.translation import gettext as _
from rest_framework.response import Response

from orders.errors import (
    IntakeUnavailable,
    KeyInUse,
    KeyReused,
    OrderCooked,
    OrderEnded,
    OrderRefused,
    UnknownItem,
    UnknownOrder,
)
from orders.requests import Malformed
from restaurant.idempotency.refusals import in_use, reused
from restaurant.parameters import KnownParameters
from restaurant.problems import FieldError, Problem

RETRY_SECONDS = 2


class OrdersView(KnownParameters):
    """A view that tells the service's errors as problems."""

    def handle_exception(self, error: Exception) -> Response:
        return super().handle_exception(_problem(error) or error)


def _problem(error: Exception) -> Problem | None:
    """Give the problem that an error of the service is to a client."""
    match error:
        case Malformed():
            return Problem(code="malformed", detail=error.refusals[0].detail)
        case OrderRefused():
            return _refused(error)
        case KeyReused():
            return reused()
        case KeyInUse():
            return in_use()
        case UnknownOrder():
            return Problem(code="not_found", detail=_("There is no such order."))
        case UnknownItem():
            return Problem(code="not_found", detail=_("The menu has no such dish."))
        case OrderEnded():
            return _too_late("order_ended", error)
        case OrderCooked():
            return _too_late("order_cooked", error)
        case IntakeUnavailable():
            detail = _("Orders cannot be taken now: %(why)s.") % {"why": error}
            return Problem(code="unavailable", detail=detail, retry_after=RETRY_SECONDS)
    return None


def _too_late(code: str, error: Exception) -> Problem:
    return Problem(code=code, detail=_("Too late: %(why)s.") % {"why": error})


def _refused(error: OrderRefused) -> Problem:
    errors = [FieldError(r.pointer, r.code, r.detail) for r in error.refusals]
    return Problem(code="invalid", errors=errors)
