"""A request's key, and what tells its body from another."""

import re
from contextlib import suppress
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec
from rest_framework.request import Request

from restaurant.idempotency import refusals

# The draft has a string of RFC 9651 (3.3.3), in quotes; most clients, as Stripe's, send it bare.
_STRING = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED = re.compile(r"\\(.)")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
# Two headers of that name arrive as one with a comma between: two keys, and no third one.
_BARE = re.compile(r"[\x21-\x2b\x2d-\x7e]*")


class Key(NamedTuple):
    """A client's own name for one request; another user's, or another route's, is another."""

    # None on routes for those who are not logged in yet.
    user_id: UUID | None
    # The method and the path, which is the route with its arguments.
    route: str
    text: str


def key_of(request: Request) -> Key | None:
    """Give the key that a request brings, None when it brings none.

    `"a"` and `a` are the same key. Raises a problem, 400, when the header is no key.
    """
    sent = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if sent is None:
        return None
    return Key(request.user.pk, f"{request.method} {request.path_info}", _text(sent))


def _text(sent: str) -> str:
    text = sent if _BARE.fullmatch(sent) else ""
    if sent.startswith('"'):
        quoted = _STRING.fullmatch(sent)
        text = _ESCAPED.sub(r"\1", quoted[1]) if quoted else ""
    if not _KEY.fullmatch(text):
        raise refusals.malformed()
    return text


def fingerprint(body: bytes) -> str:
    """Give the same text for bodies that are the same JSON, however it was written.

    None is `{}`, as it is for whoever reads it.
    """
    # What is no JSON is the same only in the same bytes.
    with suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
        body = msgspec.json.encode(msgspec.json.decode(body or b"{}"), order="deterministic")
    return blake2b(body, digest_size=16).hexdigest()
