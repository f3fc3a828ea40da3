"""What the page says of something: how it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Level(IntEnum):
    """How it is; the worst is the greatest."""

    OK = 0
    UNKNOWN = 1
    WARNING = 2
    BAD = 3

    @property
    def variant(self) -> str:
        """Name Unfold's colour for it."""
        return {0: "success", 1: "default", 2: "warning", 3: "danger"}[self.value]

    @property
    def word(self) -> Any:
        words = {0: _("fine"), 1: _("unknown"), 2: _("look at it"), 3: _("wrong")}
        return words[self.value]

    @property
    def icon(self) -> str:
        names = {0: "check_circle", 1: "help", 2: "warning", 3: "error"}
        return names[self.value]


@dataclass(frozen=True)
class Trouble:
    """Something that is not fine, what to do next, and the page or command to do it with."""

    level: Level
    text: str
    todo: str
    url: str = ""
    command: str = ""


def worst(levels: Iterable[Level]) -> Level:
    return max(levels, default=Level.OK)
