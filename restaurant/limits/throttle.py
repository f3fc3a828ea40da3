"""What DRF asks about each request, and what its answer says of limits."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from restaurant.limits import policies
from restaurant.limits.counting import count
from restaurant.limits.limiter import Standing
from restaurant.limits.policies import Policy

if TYPE_CHECKING:
    from rest_framework.views import APIView

# Found before a view's limit is asked for; all that comes later is counted already.
EARLY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Throttle(BaseThrottle):
    """Counts each request under its route's limit, whatever its answer will be."""

    standing: Standing | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if not settings.LIMITS:
            return True
        match = request.resolver_match
        policy = policies.policy_of(request.method or "", match.route if match else "")
        self.standing = _count(policy, policies.user_or_address(request), view)
        return self.standing is None or self.standing.wait is None

    def wait(self) -> float | None:
        """Say in how many seconds to come again."""
        return self.standing.wait if self.standing else None


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer as `restaurant.problems` does, and count who is refused before any limit is asked.

    An address that has used up that limit is told so instead.
    """
    # Here, because DRF's views, which it needs, load this module by its name in the settings.
    from restaurant.problems import handler

    return handler.exception_handler(_counted(error, context["view"], context["request"]), context)


def _counted(error: Exception, view: "APIView", request: Request) -> Exception:
    is_early = isinstance(error, APIException) and error.status_code in EARLY
    if not is_early or not settings.LIMITS or "RateLimit" in view.headers:
        return error
    standing = _count(policies.REFUSED, policies.address(request), view)
    if standing is None or standing.wait is None:
        return error
    return Throttled(standing.wait)


def _count(policy: Policy, client: str, view: "APIView") -> Standing | None:
    """Count a request, and say so in the view's answer, whichever that will be."""
    counted = count(policy, client)
    if counted is None:
        return None
    headers: dict[str, str] = view.headers
    headers.update(counted.headers)
    return counted.standing
