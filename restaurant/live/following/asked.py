"""What a request to follow asks for, read from its query and its headers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from restaurant.bodies import words
from restaurant.live.errors import LiveError
from restaurant.live.following.accepting import wants_stream
from restaurant.problems import queries
from restaurant.problems.problem import ParameterError

MOST_SECONDS = 30
KNOWN = ("after", "wait")
HIGHEST = 10**18 - 1
_NUMBER = re.compile("[0-9]{1,18}")


class NotReadable(LiveError):
    """The request asks for what there is not; `code` is one of the catalogue's.

    `errors` name the query parameters that are to blame. All of it is in the language at hand.
    """

    def __init__(self, code: str, detail: str, parameter: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.errors = [ParameterError(parameter, code, detail)] if parameter else []


@dataclass(frozen=True)
class Asked:
    """From which number on, for how many seconds at most, and whether as a stream."""

    after: int = 0
    wait: int = 0
    is_stream: bool = False


def read(query: Mapping[str, Sequence[str]], *, accept: str, last_event_id: str | None) -> Asked:
    """Read a request: `query` has all values of each parameter, without the header
    `last_event_id` is None.

    `Last-Event-ID` goes before `after`: who comes back to the same address knows more by then.
    Raises `NotReadable`.
    """
    for name, values in query.items():
        _require_known(name, values)
    after = _number("after", query, most=HIGHEST)
    # An empty one is no number: a browser that has none sends no header.
    if last_event_id is not None:
        after = _last(last_event_id)
    wait = _number("wait", query, most=MOST_SECONDS)
    is_stream = wants_stream(accept)
    if is_stream and "wait" in query:
        raise NotReadable("invalid", _("A stream waits by itself: wait is for JSON."), "wait")
    return Asked(after, wait, is_stream)


def _require_known(name: str, values: Sequence[str]) -> None:
    if name not in KNOWN:
        raise NotReadable("unknown_parameter", queries.unknown(KNOWN), name[:64])
    if len(values) > 1:
        raise NotReadable("repeated_parameter", queries.repeated(), name)


def _number(name: str, query: Mapping[str, Sequence[str]], *, most: int) -> int:
    text = query.get(name, ["0"])[0]
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise NotReadable("invalid", words.number_between(0, most), name)
    return int(text)


def _last(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NotReadable("bad_request", _("Last-Event-ID is the number of an event."))
    return int(text)
