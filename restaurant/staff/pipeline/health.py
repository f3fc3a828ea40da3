"""The whole look, and its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from restaurant.staff.pipeline import desks, parts, processes, traffic
from restaurant.staff.pipeline.desks import Desk
from restaurant.staff.pipeline.parts import Part
from restaurant.staff.pipeline.processes import Processes
from restaurant.staff.pipeline.traffic import Traffic
from restaurant.staff.pipeline.troubles import Level, Trouble


@dataclass(frozen=True)
class Health:
    """All that the page shows, as of `at` (UTC)."""

    at: datetime
    processes: Processes
    traffic: Traffic
    desks: Sequence[Desk]
    parts: Sequence[Part]

    @property
    def troubles(self) -> list[Trouble]:
        """What is not fine, the worst first; of the same, in the order of the page."""
        found = [
            *(trouble for desk in self.desks if desk.unknown for trouble in desk.troubles),
            *self.traffic.troubles,
            *self.processes.troubles,
            *(trouble for desk in self.desks if not desk.unknown for trouble in desk.troubles),
        ]
        return sorted(found, key=lambda trouble: -trouble.level)

    @property
    def level(self) -> Level:
        if self.troubles:
            return self.troubles[0].level
        return Level.UNKNOWN if any(desk.unknown for desk in self.desks) else Level.OK

    @property
    def verdict(self) -> str:
        bad = sum(trouble.level == Level.BAD for trouble in self.troubles)
        if bad:
            return ngettext("%(count)d thing is wrong", "%(count)d things are wrong", bad) % {
                "count": bad
            }
        said: dict[Level, Any] = {
            Level.OK: _("Healthy"),
            Level.UNKNOWN: _("Nothing is wrong, as far as can be known here"),
            Level.WARNING: _("It works, and something wants a look"),
        }
        return str(said[self.level])


def look(now: datetime) -> Health:
    """Look at everything once: two questions to Redis, some to Kafka, three a database."""
    found = processes.look()
    piles = desks.look(now, beat_up=found.uptime_of("beat"))
    return Health(now, found, traffic.look(), piles, parts.look())
