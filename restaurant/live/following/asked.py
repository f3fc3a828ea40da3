"""What a request to follow asks for, read from its query and its headers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from restaurant.live.errors import LiveError
from restaurant.live.following.accepting import wants_stream
from restaurant.problems.problem import ParameterError

MOST_SECONDS = 30
KNOWN = ("after", "wait")
HIGHEST = 10**18 - 1
_NUMBER = re.compile("[0-9]{1,18}")


class NotReadable(LiveError):
    """The request asks for what there is not; `code` is one of the catalogue's.

    `errors` name the query parameters that are to blame.
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
    after = _number("after", query)
    # An empty one is no number: a browser that has none sends no header.
    if last_event_id is not None:
        after = _last(last_event_id)
    wait = _number("wait", query)
    if wait > MOST_SECONDS:
        detail = f"wait is a number of seconds from 0 to {MOST_SECONDS}."
        raise NotReadable("invalid", detail, "wait")
    is_stream = wants_stream(accept)
    if is_stream and "wait" in query:
        raise NotReadable("invalid", "wait is for JSON: a stream waits by itself.", "wait")
    return Asked(after, wait, is_stream)


def _require_known(name: str, values: Sequence[str]) -> None:
    if name not in KNOWN:
        detail = f"There is no such query parameter. Known here: {', '.join(KNOWN)}."
        raise NotReadable("unknown_parameter", detail, name[:64])
    if len(values) > 1:
        raise NotReadable("repeated_parameter", "This query parameter takes one value.", name)


def _number(name: str, query: Mapping[str, Sequence[str]]) -> int:
    text = query.get(name, ["0"])[0]
    if not _NUMBER.fullmatch(text):
        raise NotReadable("invalid", f"{name} is a whole number, 0 or more.", name)
    return int(text)


def _last(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NotReadable("bad_request", "Last-Event-ID is the number of an event.")
    return int(text)
