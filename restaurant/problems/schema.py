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
    return {
        (status, MEDIA_TYPE): OpenApiResponse(SCHEMA, HTTPStatus(status).phrase)
        for status in statuses
    }
