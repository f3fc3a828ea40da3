"""So many of something, and how long the oldest has lain there."""

from dataclasses import dataclass
from datetime import timedelta

from restaurant.staff.pipeline.spans import span
from restaurant.staff.pipeline.troubles import Level

# However much lies there, no more is counted.
MOST = 10_000


@dataclass(frozen=True)
class Pile:
    """How many lie there (`MOST` + 1 for more), and how long the oldest has."""

    count: int = 0
    age: timedelta = timedelta(0)
    # Of timers: how many of them are late.
    late: int = 0
    level: Level = Level.OK
    url: str = ""

    @property
    def shown(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)

    @property
    def oldest(self) -> str:
        return span(self.age.total_seconds())


EMPTY = Pile()
