"""Answers whose JSON is ready."""

from collections.abc import Mapping

import msgspec
from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response


def answer(
    request: Request, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponseBase:
    """Answer with JSON as it is; a person's browser gets DRF's page around it."""
    if request.accepted_renderer.format == "json":
        return HttpResponse(body, "application/json", status, headers=headers)
    page = Response(msgspec.json.decode(body), status, headers=headers)
    # The page tells of it.
    page.as_json = body  # type: ignore[attr-defined]
    return page
