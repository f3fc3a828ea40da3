"""Reading a request's body."""

from functools import cache
from typing import Any, cast

import msgspec
from msgspec import Struct
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from restaurant.bodies.mistakes import MISFITS, Body, Mistake, NotJson, meant, mistakes, parse
from restaurant.bodies.text import problem_of
from restaurant.problems import FieldError, Problem


class Nothing(Struct, forbid_unknown_fields=True):
    """The body of a request that has nothing to tell: `{}`, or none."""


def json_body(request: Request) -> bytes:
    """Give the body's bytes. Raises a problem, 415, unless they are said to be JSON as it is."""
    # The content type may be left out with an empty body alone.
    body: bytes = request._request.body
    refuse_coded(request)
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if body and kind != "application/json":
        raise UnsupportedMediaType(kind)
    return body


def refuse_coded(request: Request) -> None:
    """Raise a problem, 415, where the body is said to be compressed (RFC 9110, 15.5.16)."""
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise Problem(code="unsupported_encoding", headers={"Accept-Encoding": "identity"})


def read(request: Request, schema: type[Body]) -> Body:
    """Read a request's body; an empty one is `{}`. Raises `Problem`, 400, with all its mistakes."""
    body = json_body(request) or b"{}"
    try:
        found = cast("Body", _decoder(schema).decode(body))
    except MISFITS:
        found = _read_by_parts(body, schema)
    if bad := _bad_texts(found):
        raise _invalid(bad)
    return found


@cache
def _decoder(schema: type[Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(schema)


def _read_by_parts(body: bytes, schema: type[Body]) -> Body:
    try:
        value = parse(body)
    except NotJson as error:
        raise Problem(code="malformed", detail=str(error)) from None
    if found := mistakes(value, schema):
        raise _invalid(found)
    return meant(value, schema)


def _bad_texts(found: Struct) -> list[Mistake]:
    texts = {name: text for name, text in msgspec.structs.asdict(found).items() if text}
    problems = {name: problem_of(text) for name, text in texts.items() if isinstance(text, str)}
    return [Mistake(f"/{name}", "bad_text", told) for name, told in problems.items() if told]


def _invalid(found: list[Mistake]) -> Problem:
    errors = [FieldError(*mistake) for mistake in found]
    return Problem(code="invalid", errors=errors)
