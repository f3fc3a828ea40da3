"""Content Security Policy: what a page may load and run, by where it is.

The settings' policy is strict, and holds for every page of this project. Libraries' pages get what
they cannot do without, below their own addresses alone (`CONTENT_SECURITY_POLICY_BELOW`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from restaurant.live import address
from restaurant.middleware import has_token

View = Callable[..., HttpResponseBase]


class Policies(CSPMiddleware):
    """Names the policy of each answer to a person; what a program reads needs none."""

    def __call__(self, request: HttpRequest) -> Any:
        if has_token(request):
            return self.get_response(request)
        return super().__call__(request)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only:
            parts.update = {**_allowed_below(request.path_info), **(parts.update or {})}
        return parts


def strict(view: View) -> View:
    """Give a view's pages the strict policy wherever they are, and the live streams beside it.

    For pages that hold no style or script but in files of their own.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        sources = filter(None, (SELF, address.origin(request)))
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        response._csp_config = {**directives, "connect-src": [*sources]}  # type: ignore[attr-defined]
        return response

    return answer


def live(view: View) -> View:
    """Let a view's pages open live streams, beside what their address allows them.

    For pages in the staff site's frame, which cannot do with the strict policy.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if origin := address.origin(request):
            response._csp_update = {"connect-src": [origin]}  # type: ignore[attr-defined]
        return response

    return answer


def _allowed_below(path: str) -> dict[str, list[str]]:
    """Give what is allowed in addition at an address; the longest prefix that fits decides."""
    below: dict[str, dict[str, list[str]]] = settings.CONTENT_SECURITY_POLICY_BELOW
    prefix = max(filter(path.startswith, below), key=len, default="")
    return below.get(prefix, {})
