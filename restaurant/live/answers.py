"""Short answers of the raw ASGI application: JSON, and problems as the API has them (RFC 9457)."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any

from django.utils.translation import get_language
from structlog.contextvars import get_contextvars

from restaurant.problems.catalogue import listed
from restaurant.problems.problem import MEDIA_TYPE, ParameterError, body

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class Refusal(Exception):
    """An answer in place of a stream; `code` is one of the catalogue's, `retry_after` in seconds.

    `happened` says what has happened, where the code's title does not say enough; `errors` names
    the parameters that are to blame.
    """

    def __init__(
        self,
        code: str,
        happened: str = "",
        *,
        errors: Sequence[ParameterError] = (),
        retry_after: int | None = None,
        allow: bytes = b"GET",
        # A browser knows no cookie scheme, and asks nobody.
        challenge: str = 'Cookie realm="staff"',
        more: Headers = (),
    ) -> None:
        super().__init__(code)
        self.kind = listed(code)
        self.happened = happened
        self.errors = errors
        self.retry_after = retry_after
        self._allow = allow
        self._challenge = challenge
        self._more = more

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Give the headers that belong to the status."""
        found = [*self._more]
        if self.retry_after is not None:
            found.append((b"retry-after", str(self.retry_after).encode()))
        if self.kind.status == HTTPStatus.METHOD_NOT_ALLOWED:
            found.append((b"allow", self._allow))
        if self.kind.status == HTTPStatus.UNAUTHORIZED:
            # Always named (RFC 9110, 15.5.2).
            found.append((b"www-authenticate", self._challenge.encode()))
        return found


async def send_problem(send: Send, refusal: Refusal, headers: Headers = ()) -> None:
    """Answer with a problem, in the language that is active."""
    id_ = get_contextvars().get("request_id", "")
    spoken = [
        (b"content-language", str(get_language()).encode()),
        (b"vary", b"Accept-Language"),
    ]
    await send_json(
        send,
        refusal.kind.status,
        body(refusal.kind, request_id=id_, happened=refusal.happened, errors=refusal.errors),
        media_type=MEDIA_TYPE.encode(),
        headers=(*spoken, *refusal.headers, *headers),
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
    await send_bytes(send, status, content, media_type=media_type, headers=headers)


async def send_bytes(
    send: Send,
    status: int,
    content: bytes = b"",
    *,
    media_type: bytes = b"application/json",
    headers: Headers = (),
) -> None:
    """Answer with what nobody keeps; without content, where the status has none."""
    fixed = [(b"cache-control", b"no-store")]
    if content:
        fixed += [
            (b"content-type", media_type),
            (b"content-length", str(len(content)).encode()),
        ]
    await send(
        {"type": "http.response.start", "status": int(status), "headers": [*fixed, *headers]}
    )
    await send({"type": "http.response.body", "body": content})
