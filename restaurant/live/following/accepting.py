"""In which of its two forms an answer is wanted: what `Accept` says (RFC 9110, 12.5.1)."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

JSON, EVENT_STREAM = "application/json", "text/event-stream"
EXACT = 2
_QUALITY = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")


class Wish(NamedTuple):
    """How much a form is wanted, from 0 to 1, and how exactly it is named."""

    quality: float
    exactness: int


def is_answered(accept: str) -> bool:
    """Tell whether there is an answer in any form that is accepted."""
    return any(_wish(accept, form).quality > 0 for form in (JSON, EVENT_STREAM))


def forms() -> str:
    """Say in which forms there is an answer."""
    return _("There is %(json)s here, and %(stream)s.") % {"json": JSON, "stream": EVENT_STREAM}


def wants_stream(accept: str) -> bool:
    """Tell whether an event stream is wanted rather than JSON; of equals, it must be named."""
    stream, json = _wish(accept, EVENT_STREAM), _wish(accept, JSON)
    return stream.quality > 0 and (stream > json or stream == json == (stream.quality, EXACT))


def _wish(accept: str, form: str) -> Wish:
    ranges = ("*/*", f"{form.partition('/')[0]}/*", form)
    found = Wish(0.0, -1)
    # Without a word, anything is.
    for part in (accept.strip() or "*/*").lower().split(","):
        named, *parameters = (piece.strip() for piece in part.split(";"))
        # The most exact range decides.
        if named in ranges and (exactness := ranges.index(named)) > found.exactness:
            found = Wish(_quality(parameters), exactness)
    return found


def _quality(parameters: list[str]) -> float:
    said = [found[1] for text in parameters if (found := _QUALITY.fullmatch(text))]
    return min(1.0, float(said[0])) if said else 1.0
