"""What a request to follow asks for, read from its query and its headers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

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

    def __init__(self, code: str, detail: str = "", errors: Sequence[ParameterError] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.errors = errors


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
    is_stream = wants_stream(accept)
    if errors := [*queries.wrong_names(query.items(), KNOWN), *_wrong_values(query, is_stream)]:
        code = queries.code_of(errors)
        raise NotReadable(code, errors[0].detail if code == "unknown_parameter" else "", errors)
    after, wait = (int(query.get(name, ["0"])[0]) for name in KNOWN)
    # An empty one is no number: a browser that has none sends no header.
    if last_event_id is not None:
        after = _last(last_event_id)
    return Asked(after, wait, is_stream)


def _wrong_values(query: Mapping[str, Sequence[str]], is_stream: bool) -> Iterator[ParameterError]:
    for name, most in zip(KNOWN, (HIGHEST, MOST_SECONDS), strict=True):
        value, *others = query.get(name, [""])
        # What is not there, or there twice, is told by its name.
        if value and not others and (wrong := queries.wrong_number(name, value, most=most)):
            yield wrong
    if is_stream and any(query.get("wait", ())):
        told = _("A stream waits by itself: wait is for JSON.")
        yield ParameterError("wait", "invalid", told)


def _last(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NotReadable("bad_request", _("Last-Event-ID is the number of an event."))
    return int(text)
