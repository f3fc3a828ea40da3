"""The live process's line for each request: of a stream, when it ends."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from restaurant.live.answers import Send
from restaurant.request_ids import correlation_id, request_id

log = structlog.get_logger()
PROBES = frozenset({"/livez", "/readyz"})


@contextmanager
def told(scope: dict[str, Any], send: Send, route: str) -> Iterator[Send]:
    """Bind the request's ids, and tell of it at its end; gives `send`, which is listened to.

    The line is that of `restaurant.logs.access` in the web process: it names the `route`, and not
    what was asked for.
    """
    began, status = time.perf_counter(), 0
    request = _request(scope)
    id_ = request_id(request)

    async def heard(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            named = (b"x-request-id", id_.encode())
            message = {**message, "headers": [*message.get("headers", ()), named]}
        await send(message)

    path, ids = scope["path"], {"request_id": id_}
    if (correlated := correlation_id(request)) != id_:
        ids["correlation_id"] = correlated
    with bound_contextvars(**ids):
        try:
            yield heard
        finally:
            log.log(
                logging.DEBUG if path in PROBES else logging.INFO,
                "request_answered",
                method=scope["method"],
                route=path.lstrip("/") if path in PROBES else route or "none",
                status=status,
                ms=round((time.perf_counter() - began) * 1000, 1),
            )


def _request(scope: dict[str, Any]) -> SimpleNamespace:
    """Give the headers that name ids as Django's requests have them."""
    sent = {name: value.decode("latin-1") for name, value in scope["headers"]}
    meta = {
        "HTTP_X_REQUEST_ID": sent.get(b"x-request-id", ""),
        "HTTP_TRACEPARENT": sent.get(b"traceparent", ""),
    }
    return SimpleNamespace(META=meta)
