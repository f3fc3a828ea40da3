"""Problems as the API's schema (OpenAPI) tells of them."""

from typing import Any, Final

from restaurant.problems.catalogue import listed

# Where `documented` leaves an operation's codes to `restaurant.openapi`, which takes it away.
DOCUMENTED: Final = "x-problems"


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


_BLAMED: Final = {
    "pointer": _text("Where in the body: a JSON pointer (RFC 6901)."),
    "parameter": _text("Which query parameter."),
}
_PART: Final = {
    "code": _text("What is wrong with it, for programs."),
    "detail": _text("The same for people, in their language."),
}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong: problem details (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": _text("Where this kind of problem is explained: an address on this host."),
        "title": _text("What the kind is called; the same each time."),
        "status": {"type": "integer", "description": "The HTTP status of the answer."},
        "code": _text("The kind, for programs to decide by. It never changes."),
        "detail": _text("What has happened and what to do about it, for people."),
        "errors": {
            "type": "array",
            "description": (
                "The parts of the request that are to blame. There only where some are; each has a"
                " `pointer` or a `parameter`, never both."
            ),
            "items": {
                "type": "object",
                "properties": {**_BLAMED, **_PART},
                "required": list(_PART),
                "oneOf": [{"required": [name]} for name in _BLAMED],
            },
        },
        "request_id": _text("By this the restaurant finds the request in its logs."),
    },
}


def documented(*codes: str) -> dict[str, Any]:
    """Give the `extensions` of drf-spectacular that name the errors which are an operation's own.

    Those that all of its kind have go without saying. Raises `UnlistedCode`.
    """
    return {DOCUMENTED: [listed(code).code for code in codes]}
