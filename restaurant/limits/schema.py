"""What the API's schema tells of limits: how its client stands, says what was counted."""

from collections.abc import Iterator
from typing import Any

_HEADERS = {
    "RateLimit-Policy": (
        "The limit that the request was counted under: `q` requests in `w` seconds.",
        '"ordering";q=600;w=60',
    ),
    "RateLimit": (
        "How much of it is left: `r` requests, and all of it again in `t` seconds.",
        '"ordering";r=599;t=1',
    ),
    "Retry-After": ("In how many seconds to come again.", "3"),
}
_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
_COUNTED = ("RateLimit-Policy", "RateLimit")
# Answers that several operations have, and that are given before a request is counted.
_EARLY = frozenset(("BodyTooLarge", "LengthRequired", "NotAcceptable", "OriginDenied"))


def tell_limits(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add limits to a schema of drf-spectacular's, as one of its `POSTPROCESSING_HOOKS`."""
    result.setdefault("components", {})["headers"] = {
        name: {"description": text, "schema": {"type": "string"}, "example": example}
        for name, (text, example) in _HEADERS.items()
    }
    shared = result["components"].get("responses", {})
    counted = {name: response for name, response in shared.items() if name not in _EARLY}
    for responses in (counted, *(o["responses"] for o in _operations(result))):
        for response in responses.values():
            if "$ref" not in response:
                headers = response.setdefault("headers", {})
                headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in _COUNTED}
    return result


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in schema.get("paths", {}).values():
        yield from (part for name, part in item.items() if name in _METHODS)
