"""Short answers of the raw ASGI application: JSON, and problems as the API has them (RFC 9457)."""

import json
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

from structlog.contextvars import get_contextvars

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class Refusal(Exception):
    """An answer in place of a stream; `code` is for programs, `retry_after` in seconds."""

    def __init__(
        self, status: HTTPStatus, code: str, detail: str = "", *, retry_after: int | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail or status.description or status.phrase
        self.retry_after = retry_after

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Give the headers that belong to the status."""
        found = []
        if self.retry_after is not None:
            found.append((b"retry-after", str(self.retry_after).encode()))
        if self.status == HTTPStatus.METHOD_NOT_ALLOWED:
            found.append((b"allow", b"GET"))
        if self.status == HTTPStatus.UNAUTHORIZED:
            # Always named (RFC 9110, 15.5.2); a browser knows no cookie scheme, and asks nobody.
            found.append((b"www-authenticate", b'Cookie realm="staff"'))
        return found


async def send_problem(send: Send, refusal: Refusal, headers: Headers = ()) -> None:
    """Answer with a problem."""
    body = {
        "type": f"/problems/{refusal.code}",
        "title": refusal.status.phrase,
        "status": int(refusal.status),
        "code": refusal.code,
        "detail": refusal.detail,
        "request_id": get_contextvars().get("request_id", ""),
    }
    await send_json(
        send,
        refusal.status,
        body,
        media_type=b"application/problem+json",
        headers=(*refusal.headers, *headers),
    )


async def send_json(
    send: Send,
    status: int,
    body: Any,
    *,
    media_type: bytes = b"application/json",
    headers: Headers = (),
) -> None:
    """Answer with JSON that nobody keeps."""
    content = json.dumps(body).encode()
    fixed = [
        (b"content-type", media_type),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send(
        {"type": "http.response.start", "status": int(status), "headers": [*fixed, *headers]}
    )
    await send({"type": "http.response.body", "body": content})
