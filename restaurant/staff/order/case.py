"""What is asked for: by whom, of which order, and how it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from restaurant.staff.order.dossier import Dossier
from restaurant.staff.order.journey import Hop
from restaurant.trail import Person


class Refused(Exception):
    """What was asked for cannot be done now; the message says why, in the reader's language."""


@dataclass(frozen=True)
class Asked:
    """Who asked for a deed, when (UTC), and what they filled in."""

    person: Person
    # As colleagues name them.
    name: str
    now: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return str(self.data.get("reason", ""))


@dataclass(frozen=True)
class Case:
    """What a deed is done to: the order as it was just read, and a part of it by its key."""

    dossier: Dossier
    hops: list[Hop]
    target: str = ""
