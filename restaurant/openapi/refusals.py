"""Which errors an operation may answer with, each as the catalogue tells of it, with an example.

A view names by `problems.documented` those that are its own; what all operations of a kind share is
added here. Answers that several operations have stand once, in `components/responses`.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from restaurant.problems.catalogue import listed
from restaurant.problems.problem import MEDIA_TYPE, body
from restaurant.problems.schema import DOCUMENTED

Json = dict[str, Any]
# What happened in the examples, where that is more than the catalogue's words: by operation, by the
# name of a shared answer, or by code. A test sends the requests that they answer.
FILE: Final = Path(__file__).with_name("refusals.yaml")
REQUEST_ID: Final = "5e0f0e8d4f4c4c7fb0e1a5b6c7d8e9f0"
# Of a body, then of a query; names of answers that several operations have.
_NAMES: Final = {
    ("invalid", "malformed", "unknown_parameter", "bad_idempotency_key"): "InvalidBody",
    ("invalid", "repeated_parameter", "bad_cursor", "unknown_parameter"): "InvalidQuery",
    ("not_authenticated", "invalid_token"): "NotAuthenticated",
    ("permission_denied", "csrf_failed"): "ChangeDenied",
    ("not_a_courier", "permission_denied", "csrf_failed"): "CourierDenied",
    ("not_a_courier", "permission_denied"): "NotACourier",
    ("unsupported_media_type", "unsupported_encoding"): "UnsupportedMediaType",
    ("unavailable", "auth_unavailable"): "OutOfReach",
}
# A request that one of these answers has changed nothing, and can be sent again.
_AGAIN: Final = {"throttled", "unavailable", "auth_unavailable", "idempotency_key_in_use"}
_CHALLENGE: Final[Json] = {
    "description": "How to say who is asking (RFC 9110, 11.6.1).",
    "schema": {"type": "string"},
}
_RETRY_AFTER: Final[Json] = {"$ref": "#/components/headers/Retry-After"}


def put_into(operation: Json, shared: Json) -> None:
    """Put an operation's errors into its answers, and those that have a name into `shared`."""
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(_codes(operation)):
        found.setdefault(listed(code).status, []).append(code)
    name = operation["operationId"]
    for status, codes in sorted(found.items()):
        own = _examples().get(name, {}).get(codes[0])
        common = None if own else _name(codes)
        answer = _answer(codes, own or _examples().get(common or codes[0]) or {})
        if common:
            shared[common] = answer
            answer = {"$ref": f"#/components/responses/{common}"}
        operation["responses"][str(status)] = answer


def _codes(operation: Json) -> Iterator[str]:
    """Give the codes that an operation answers with, of each status the likeliest first."""
    yield from operation.pop(DOCUMENTED, ())
    has = {(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])}
    places = {place for place, _ in has}
    is_change = ("header", "Idempotency-Key") in has
    if is_change:
        yield from ("invalid", "malformed")
    elif "query" in places:
        yield from ("invalid", "repeated_parameter")
    if ("query", "cursor") in has:
        yield "bad_cursor"
    yield from ("unknown_parameter", "not_acceptable")
    if operation.get("security"):
        yield from ("not_authenticated", "invalid_token")
    if "path" in places:
        yield "not_found"
    if is_change:
        yield from _of_changes(operation)
    yield from ("throttled", "unavailable")
    # Who asks, or who logs in, is known to auth alone.
    if operation.get("security") or "auth" in operation["tags"]:
        yield "auth_unavailable"


def _of_changes(operation: Json) -> Iterator[str]:
    yield from ("bad_idempotency_key", "idempotency_key_in_use", "idempotency_key_reused")
    yield from ("length_required", "body_too_large")
    yield from ("unsupported_media_type", "unsupported_encoding")
    # Of a browser's session the page's token is asked, too.
    if operation.get("security"):
        yield from ("permission_denied", "csrf_failed")


def _name(codes: Sequence[str]) -> str | None:
    """Give the name of an answer that others have as well; None for one operation's own."""
    if len(codes) == 1:
        return "".join(part.capitalize() for part in codes[0].split("_"))
    return _NAMES.get(tuple(codes))


def _answer(codes: Sequence[str], example: Json) -> Json:
    kind = listed(codes[0])
    problem = body(kind, request_id=REQUEST_ID, happened=example.get("happened", ""))
    if errors := example.get("errors"):
        # As in answers: what is to blame, before the request's id.
        request_id = problem.pop("request_id")
        problem |= {"errors": errors, "request_id": request_id}
    media = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": problem}
    answer: Json = {"description": _told(codes), "content": {MEDIA_TYPE: media}}
    if headers := _headers(codes):
        answer["headers"] = headers
    return answer


def _told(codes: Sequence[str]) -> str:
    """Name the codes, each with its meaning, and with the address that has more of it."""
    kinds = [listed(code) for code in codes]
    lines = [f"[`{kind.code}`]({kind.type}): {kind.meaning}" for kind in kinds]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


def _headers(codes: Sequence[str]) -> Json:
    headers: Json = {}
    if listed(codes[0]).status == 401:
        headers["WWW-Authenticate"] = _CHALLENGE
    if not _AGAIN.isdisjoint(codes):
        headers["Retry-After"] = _RETRY_AFTER
    return headers


@cache
def _examples() -> dict[str, Json]:
    found: dict[str, Json] = yaml.safe_load(FILE.read_text())
    return found
