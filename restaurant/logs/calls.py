"""The ids of a request in gRPC's metadata: put there by the client, bound by the server.

In metadata as in HTTP's headers: `x-request-id`, and `traceparent` where the request came with one.
"""

import secrets
import time
from collections.abc import Callable
from typing import Any

import grpc
import structlog
from structlog.contextvars import bound_contextvars, clear_contextvars, get_contextvars

from restaurant.monitor import metrics
from restaurant.request_ids import is_safe, trace_of

log = structlog.get_logger()
REQUEST_ID, TRACEPARENT = "x-request-id", "traceparent"


def carried() -> tuple[tuple[str, str], ...]:
    """Give the metadata of a call: what is known of the request on whose behalf it is made."""
    known = get_contextvars()
    found = []
    if id_ := known.get("request_id"):
        found.append((REQUEST_ID, id_))
    if trace := known.get("correlation_id"):
        found.append((TRACEPARENT, f"00-{trace}-{secrets.token_hex(8)}-01"))
    return tuple(found)


class Bind(grpc.ServerInterceptor):  # type: ignore[type-arg]  # generic in its types alone
    """Binds the ids for as long as a call is handled, and tells of the call at DEBUG; counts it."""

    def intercept_service(
        self, continuation: Callable[..., Any], details: grpc.HandlerCallDetails
    ) -> Any:
        handler = continuation(details)
        if handler is None or not handler.unary_unary:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            _bound(handler.unary_unary, details),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


def _bound(
    handle: Callable[[Any, grpc.ServicerContext], Any], details: grpc.HandlerCallDetails
) -> Callable[[Any, grpc.ServicerContext], Any]:
    method = details.method.rpartition("/")[2]
    ids = _ids(dict(details.invocation_metadata or ()))

    def handle_bound(request: Any, context: grpc.ServicerContext) -> Any:
        began = time.perf_counter()
        clear_contextvars()
        with bound_contextvars(**ids):
            try:
                return handle(request, context)
            finally:
                code = _name_of(context.code())  # type: ignore[attr-defined]  # missing in its types
                seconds = time.perf_counter() - began
                metrics.grpc_server_calls.labels(method, code).observe(seconds)
                log.debug("call_answered", method=method, code=code, ms=round(seconds * 1000, 1))

    return handle_bound


def _ids(metadata: dict[str, Any]) -> dict[str, str]:
    ids = {}
    if is_safe(id_ := str(metadata.get(REQUEST_ID, ""))):
        ids["request_id"] = id_
    if trace := trace_of(str(metadata.get(TRACEPARENT, ""))):
        ids["correlation_id"] = trace
    return ids


def _name_of(code: Any) -> str:
    return str(getattr(code, "name", code or "OK"))
