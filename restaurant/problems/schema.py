"""Problems as the API's schema (OpenAPI) tells of them."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiResponse

from restaurant.problems.problem import MEDIA_TYPE

_TEXT = {"type": "string"}
_PART: dict[str, Any] = {"code": _TEXT, "detail": _TEXT}
_BLAMED: dict[str, Any] = {
    "pointer": {"type": "string", "description": "Where in the body (RFC 6901)."},
    "parameter": {"type": "string", "description": "Which query parameter."},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        **dict.fromkeys(("type", "title", "code", "detail", "request_id"), _TEXT),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {**_BLAMED, **_PART},
                "required": list(_PART),
                "oneOf": [{"required": [name]} for name in _BLAMED],
            },
        },
    },
}


def documented(*statuses: int) -> dict[Any, OpenApiResponse]:
    """Give the `responses` of drf-spectacular for the problems that a view answers with."""
    return {(status, MEDIA_TYPE): OpenApiResponse(SCHEMA, phrase_of(status)) for status in statuses}


# As RFC 9110 (15.5) has them, and Python since 3.13.
_RENAMED = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}


def phrase_of(status: int) -> str:
    """Give a status's name, the same under each Python."""
    return _RENAMED.get(status) or HTTPStatus(status).phrase
