"""What operations that read have in common: tags, 304, and the links of pages."""

from typing import Any, Final

Json = dict[str, Any]
_TEXT: Final[Json] = {"type": "string"}
_IF_NONE_MATCH: Final[Json] = {
    "in": "header",
    "name": "If-None-Match",
    "schema": _TEXT,
    "description": "The `ETag` of what you have, or several: 304 if it is still so.",
}
_ETAG: Final[Json] = {"description": "Names this version of the answer.", "schema": _TEXT}
_LINK: Final[Json] = {
    "description": "The pages around this one, `next` and `prev`, and the `first` (RFC 8288).",
    "schema": _TEXT,
}


def put_into(operation: Json) -> None:
    """Say how what is read is read again. A stream has no version."""
    answer = operation["responses"].get("200", {})
    if "text/event-stream" in answer.get("content", {}):
        return
    names = {parameter["name"] for parameter in operation.setdefault("parameters", [])}
    operation["parameters"].append(_IF_NONE_MATCH)
    headers = answer.setdefault("headers", {})
    headers["ETag"] = _ETAG
    if "cursor" in names:
        headers["Link"] = _LINK
    operation["responses"]["304"] = {
        "description": "Nothing has changed.",
        "headers": {"ETag": _ETAG},
    }
