"""JSON over one kept-alive HTTP connection: a fifth of the CPU of a general client.

The demo shares two cores with the system that it drives, so what the client saves, the servers get.
"""

import http.client
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
TIMEOUT = 30
# A connection that was idle for longer is not used again: the server may be closing it.
KEPT_SECONDS = 15.0


class Unreachable(Exception):
    """Nothing, or nothing that is HTTP, answers at the address."""


class Answer(NamedTuple):
    """What came back; `body` is the decoded JSON, `None` where there is none."""

    status: int
    body: Any
    retry_after: float | None

    @property
    def reason(self) -> str:
        """Say in a word or two why a request was refused: the problem's most telling code."""
        body = self.body if isinstance(self.body, dict) else {}
        errors = body.get("errors") or [{}]
        code = errors[0].get("code") or body.get("code") or str(self.status)
        return str(code).replace("_", " ")


# Hears of each request's path, and what came back; None: no answer.
Hear = Callable[[str, Answer | None], None]


def ignore(_path: str, _answer: Answer | None) -> None:
    pass


def path_of(url: str) -> str:
    """Give a link's path and query, for a request to the server that gave the link."""
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="").geturl()


class Api:
    """One connection to `base_url`. For one thread only."""

    def __init__(self, base_url: str, hear: Hear = ignore) -> None:
        self._hear = hear
        url = urlsplit(base_url)
        secure = url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(url.netloc, timeout=TIMEOUT)
        self._used_at = time.monotonic()
        self._prefix = url.path.rstrip("/") + "/api/v1/"

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request; `path` is relative to `/api/v1/`, or whole when it begins with a slash.

        A connection that the server closed meanwhile is opened again, once: so send only what can
        be repeated. Raises `Unreachable`.
        """
        try:
            return self._heard(method, path, body, headers or {})
        except (OSError, http.client.HTTPException):
            pass
        try:
            return self._heard(method, path, body, headers or {})
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise Unreachable(f"{self._connection.host}:{self._connection.port}: {error}") from None

    def _heard(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        if time.monotonic() - self._used_at > KEPT_SECONDS:
            self._connection.close()
        try:
            answer = self._send(method, path, body, headers)
        except Exception:
            self._connection.close()
            self._hear(path, None)
            raise
        self._hear(path, answer)
        return answer

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        target = path if path.startswith("/") else self._prefix + path
        payload = None if body is None else _encode(body)
        if payload is not None:
            headers = {**headers, "Content-Type": "application/json"}
        self._connection.request(method, target, payload, {**headers, "Accept": "application/json"})
        response = self._connection.getresponse()
        content = response.read()
        self._used_at = time.monotonic()
        is_json = "json" in response.headers.get("Content-Type", "")
        retry_after = response.headers.get("Retry-After", "")
        return Answer(
            response.status,
            _decode(content) if content and is_json else None,
            float(retry_after) if retry_after.isdigit() else None,
        )

    def close(self) -> None:
        self._connection.close()
