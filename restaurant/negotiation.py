"""Choosing what form an answer has."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.http.request import MediaType
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANYTHING = "*/*"


class _Choice(NamedTuple):
    quality: float
    # The range of the header that says so.
    asked: MediaType
    renderer: BaseRenderer


class Negotiation(DefaultContentNegotiation):
    """Gives each client the form that it likes most, by RFC 9110, 12.5.1; DRF's reads no `q`.

    Weighs nothing for a client that takes anything, or names just the first form's type.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Give the form, and its media type. Raises `NotAcceptable`."""
        renderers = list(renderers)
        first = renderers[0]
        # An empty one says as little as none.
        accept = request.META.get("HTTP_ACCEPT", "").strip() or ANYTHING
        is_plain = accept in (ANYTHING, first.media_type)
        if is_plain and not format_suffix and "format=" not in request.META["QUERY_STRING"]:
            return first, str(first.media_type)
        format_ = format_suffix or request.query_params.get(self.settings.URL_FORMAT_OVERRIDE)
        offered = [each for each in renderers if not format_ or each.format == format_]
        if not offered:
            raise NotAcceptable(_no_format(renderers))
        asked = [MediaType(text.strip()) for text in accept.split(",")]
        choices = [choice for each in offered if (choice := _weighed(each, asked))]
        # Of what is liked alike, what is named, and then what is offered first.
        best = max(
            choices, key=lambda choice: (choice.quality, choice.asked.specificity), default=None
        )
        if best is None:
            raise NotAcceptable(available_renderers=offered)
        return best.renderer, _media_type(best)


def _no_format(renderers: Iterable[BaseRenderer]) -> str:
    """Say of `format`, which goes before `Accept`, what it may be."""
    names = ", ".join(dict.fromkeys(str(each.format) for each in renderers))
    return _("There is no such format: `format` is one of %(names)s.") % {"names": names}


def _weighed(renderer: BaseRenderer, asked: Sequence[MediaType]) -> _Choice | None:
    """Give how much a form is liked: as the most specific range says that it is in."""
    ranges = [each for each in asked if _is_in(renderer, each)]
    closest = max(ranges, key=lambda each: each.specificity, default=None)
    if closest is None or not closest.quality:
        return None
    return _Choice(closest.quality, closest, renderer)


def _is_in(renderer: BaseRenderer, asked: MediaType) -> bool:
    main, _slash, sub = str(renderer.media_type).partition("/")
    return asked.main_type in ("*", main) and asked.sub_type in ("*", sub)


def _media_type(best: _Choice) -> str:
    """Say what is sent, with what the client asked of it, as `application/json; indent=2`."""
    options: dict[str, Any] = best.asked.range_params
    return "; ".join((str(best.renderer.media_type), *(f"{n}={v}" for n, v in options.items())))
