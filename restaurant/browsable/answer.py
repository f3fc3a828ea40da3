"""JSON as HTML, whose ids and addresses lead on."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# A value's name, and the value; gives where it leads, or nothing.
Lead = Callable[[str, Any], str]
INDENT = "  "


def draw(value: Any, lead: Lead) -> SafeString:
    """Write JSON over several lines, each text escaped."""
    return mark_safe("".join(_parts(value, "", "", lead)))  # noqa: S308 # nosec


def leads_of(place: str) -> Lead:
    """Give where the values of an answer lead; `place` is the path of the list that has them."""

    def lead(name: str, value: Any) -> str:
        if name == "order_id":
            return _order(value)
        if name == "id" and place:
            return f"{place}{value}/"
        if name == "type" and str(value).startswith("/problems/"):
            return str(value)
        is_address = isinstance(value, str) and value.startswith(("http://", "https://"))
        return value if is_address and name in ("next", "previous") else ""

    return lead


def leads_to_addresses(_name: str, value: Any) -> str:
    """Lead to every address: of an answer that is made of the server's own."""
    return str(value)


def _order(value: Any) -> str:
    try:
        return reverse("order", args=[value])
    except NoReverseMatch:
        return ""


def _parts(value: Any, name: str, margin: str, lead: Lead) -> Iterator[str]:
    inner = margin + INDENT
    if isinstance(value, dict) and value:
        yield "{\n"
        for at, (key, part) in enumerate(value.items()):
            yield format_html('{}<span class="key">{}</span>: ', inner, _json(key))
            yield from _parts(part, key, inner, lead)
            yield ",\n" if at + 1 < len(value) else "\n"
        yield f"{margin}}}"
    elif isinstance(value, (list, tuple)) and value:
        yield "[\n"
        for at, part in enumerate(value):
            yield inner
            yield from _parts(part, "", inner, lead)
            yield ",\n" if at + 1 < len(value) else "\n"
        yield f"{margin}]"
    else:
        yield _plain(value, name, lead)


def _plain(value: Any, name: str, lead: Lead) -> str:
    kind = "text" if isinstance(value, str) else "plain"
    drawn = format_html('<span class="{}">{}</span>', kind, _json(value))
    href = lead(name, value) if name and value else ""
    return format_html('<a href="{}">{}</a>', href, drawn) if href else drawn


def _json(value: Any) -> str:
    # What DRF's own encoder knows, such as decimals, stands there as text.
    return json.dumps(value, ensure_ascii=False, default=str)
