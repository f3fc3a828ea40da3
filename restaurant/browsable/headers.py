"""The headers that a program would get where a person gets a page."""

from http import HTTPStatus
from typing import Any

from rest_framework.renderers import JSONRenderer

from restaurant import conditional, problems
from restaurant.methods import READING


def headers_of(data: Any, request: Any, response: Any) -> list[tuple[str, str]]:
    """Give those that the view answers with, in order; those of the page are not among them."""
    is_problem = response.status_code >= HTTPStatus.BAD_REQUEST
    kind = problems.MEDIA_TYPE if is_problem else JSONRenderer.media_type
    shown = {**dict(response.items()), "Content-Type": str(kind)}
    if request.method in READING and response.status_code == HTTPStatus.OK:
        kept = shown.setdefault("Cache-Control", conditional.KEPT)
        if "no-store" not in kept:
            shown.setdefault("ETag", conditional.tag_of(_json(data, response)))
    return sorted(shown.items())


def _json(data: Any, response: Any) -> bytes:
    """Give the very bytes that a program would read."""
    ready: bytes | None = getattr(response, "as_json", None)
    if ready is None:
        ready = JSONRenderer().render(data)
    return ready
