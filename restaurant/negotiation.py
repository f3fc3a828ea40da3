"""Choosing what form an answer has."""

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Negotiation(DefaultContentNegotiation):
    """Weighs no renderers for a client that takes anything, or names just the first one's type."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        is_plain = request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", first.media_type)
        if is_plain and not format_suffix and "format=" not in request.META["QUERY_STRING"]:
            return first, str(first.media_type)
        chosen: tuple[BaseRenderer, str] = super().select_renderer(
            request, renderers, format_suffix
        )
        return chosen
