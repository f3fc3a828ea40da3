"""What can be followed: a service says how, as `following` in its `live.py`."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from restaurant.live.channels import modules

_KEY = re.compile("<uuid:[a-z_]+>")
_UUID = "(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"


class Event(NamedTuple):
    """Something that happened; `data` is JSON, and says the event's number too."""

    type: str
    data: bytes


@dataclass(frozen=True)
class Story:
    """All that happened so far; an event's place, from 1, is its number for ever.

    `owner` is the key of the user whose it is. Once it has ended, it is not waited for more.
    """

    owner: Any
    events: Sequence[Event]
    is_ended: bool


@dataclass(frozen=True)
class Followed:
    """A kind of thing that is followed one by one, by its owner and those with the `permission`.

    `route` is its path as Django's routes have it, without the slash at its beginning and with one
    `<uuid:…>` in it. `read` gives the stories of some, and may block; `database` is the alias of
    what it reads. Records of the `topics` say that the story of their key goes on.
    """

    route: str
    permission: str
    database: str
    topics: frozenset[str]
    read: Callable[[Collection[UUID]], Mapping[UUID, Story]]

    def key_in(self, path: str) -> UUID | None:
        """Give what a request's path asks for; none when the path is another's."""
        found = self._path.fullmatch(path)
        return UUID(found[1]) if found else None

    @cached_property
    def _path(self) -> re.Pattern[str]:
        before, after = _KEY.split(self.route)
        return re.compile(f"/{re.escape(before)}({_UUID}){re.escape(after)}")


def installed() -> list[Followed]:
    """Give what the services have that this process serves."""
    return [module.following for module in modules() if hasattr(module, "following")]
