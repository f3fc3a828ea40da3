"""A line and a count for each HTTP request, and the ids that stand in every line until its answer.

The line names the route, never the path: paths may hold tokens, and there are without end of them.
It has no address; who asked is a user id.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject
from structlog.contextvars import bind_contextvars, clear_contextvars

from restaurant.monitor import metrics
from restaurant.request_ids import request_id, trace_id

log = structlog.get_logger()
# A client may send any word as a method.
METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
)
# Asked every few seconds, and nobody's deed.
PROBES = ("/livez", "/readyz")


class AccessLog:
    """Tells of each request; goes first, around all other middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._static = f"/{settings.STATIC_URL.strip('/')}/"
        got_request_exception.connect(_tell_failure, dispatch_uid="restaurant.logs.access")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        id_, trace = request_id(request), trace_id(request)
        # The thread may have served another request before.
        clear_contextvars()
        bind_contextvars(request_id=id_)
        if trace and trace != id_:
            bind_contextvars(correlation_id=trace)
        response = self.get_response(request)
        seconds, route = time.perf_counter() - began, route_of(request)
        method = request.method if request.method in METHODS else "other"
        metrics.requests.labels(method, route, response.status_code).observe(seconds)
        response["X-Request-ID"] = id_
        is_quiet = request.path_info in PROBES or request.path_info.startswith(self._static)
        log.log(
            logging.DEBUG if is_quiet else logging.INFO,
            "request_answered",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            **_known_of(request),
        )
        return response


def route_of(request: HttpRequest) -> str:
    """Give the pattern that the request's path fits, and `none` where nothing does."""
    match = request.resolver_match
    return match.route or "/" if match else "none"


def _known_of(request: HttpRequest) -> dict[str, str]:
    """Give whose request it was and which order it was about, as far as that is known already."""
    known = {}
    user: Any = getattr(request, "user", None)
    # A session's user is looked up when first asked for, which is not to be done for a log line.
    is_looked_up = hasattr(request, "_cached_user") or not isinstance(user, SimpleLazyObject)
    if user is not None and is_looked_up and user.pk is not None:
        known["user_id"] = str(user.pk)
    match = request.resolver_match
    if match and (order_id := match.kwargs.get("order_id")):
        known["order_id"] = str(order_id)
    return known


def _tell_failure(request: HttpRequest, **_: Any) -> None:
    log.exception("request_failed", method=request.method, route=route_of(request))
