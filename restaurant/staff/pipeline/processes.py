"""Which processes live, and whether their loops come around."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError

from restaurant.heartbeat import PROCESSES, Pulse, pulses
from restaurant.staff.pipeline.spans import span
from restaurant.staff.pipeline.troubles import Level, Trouble, worst

# A loop comes around many times a second, and a long batch takes seconds.
STUCK_SECONDS = 30.0

# What each does, as one would say what is missed without it; and the command that starts it.
DOES: dict[str, Any] = {
    "web": gettext_lazy("takes orders, serves this site"),
    "live": gettext_lazy("keeps boards and pages up to date"),
    "auth": gettext_lazy("logs people in, verifies tokens"),
    "orders": gettext_lazy("brings news to customers, sends orders on"),
    "kitchen": gettext_lazy("accepts orders, cooks by the timer"),
    "delivery": gettext_lazy("assigns couriers, delivers by the timer"),
    "celery": gettext_lazy("does side work: the watchdog, housekeeping"),
    "beat": gettext_lazy("starts side work on time"),
}
STARTED_BY = {
    **{name: f"manage.py run_{name}" for name in PROCESSES[:6]},
    "celery": "celery -A restaurant worker",
    "beat": "celery -A restaurant beat",
}


@dataclass(frozen=True)
class Instance:
    """One process of a name."""

    pulse: Pulse
    level: Level
    said: str

    @property
    def uptime(self) -> str:
        return span(self.pulse.uptime)


@dataclass(frozen=True)
class Row:
    """All processes of a name."""

    name: str
    does: Any
    level: Level
    instances: Sequence[Instance]


@dataclass(frozen=True)
class Processes:
    rows: Sequence[Row] = ()
    troubles: Sequence[Trouble] = field(default_factory=list)
    # Why nothing can be said of them; empty when something can.
    unknown: str = ""

    def uptime_of(self, name: str) -> timedelta | None:
        """Tell how long the oldest process of a name has run; `None` when there is none."""
        up = [one.pulse.uptime for row in self.rows if row.name == name for one in row.instances]
        return timedelta(seconds=max(up)) if up else None


def look() -> Processes:
    """Ask Redis who lives. When it is away, that is a trouble, and no process is called fine."""
    try:
        found = pulses()
    except (RedisError, OSError) as error:
        trouble = Trouble(
            Level.BAD,
            _("Redis does not answer: which processes live cannot be known."),
            _("Start Redis, or see whether REDIS_URL is right. Orders go on without it."),
            command="redis-cli -u $REDIS_URL ping",
        )
        return Processes(troubles=[trouble], unknown=str(error).partition("\n")[0])
    rows = [_row(name, [pulse for pulse in found if pulse.name == name]) for name in PROCESSES]
    troubles = [trouble for row in rows for trouble in _troubles(row)]
    return Processes(rows, [*troubles, *_versions(found)])


def _row(name: str, found: Sequence[Pulse]) -> Row:
    fresh = [pulse for pulse in found if pulse.is_fresh]
    lost = [pulse for pulse in found if not pulse.is_fresh and not _replaced(pulse, fresh)]
    instances = [_instance(pulse) for pulse in [*fresh, *lost]]
    level = worst(one.level for one in instances) if fresh else Level.BAD
    return Row(name, DOES[name], level, instances)


def _replaced(lost: Pulse, fresh: Sequence[Pulse]) -> bool:
    """Tell whether another one was started after it was last heard of."""
    return any(pulse.uptime <= lost.age for pulse in fresh)


def _instance(pulse: Pulse) -> Instance:
    if not pulse.is_fresh:
        return Instance(pulse, Level.BAD, _("silent for %(span)s") % {"span": span(pulse.age)})
    if pulse.since_progress is not None and pulse.since_progress > STUCK_SECONDS:
        told = {"span": span(pulse.since_progress)}
        return Instance(pulse, Level.BAD, _("its loop is stuck for %(span)s") % told)
    return Instance(pulse, Level.OK, _("runs"))


def _troubles(row: Row) -> list[Trouble]:
    told = {"name": row.name, "does": row.does}
    if not any(one.pulse.is_fresh for one in row.instances):
        text = _("%(name)s does not run. It %(does)s.") % told
        return [Trouble(Level.BAD, text, _("Start it."), command=STARTED_BY[row.name])]
    return [
        Trouble(
            one.level,
            _("%(name)s on %(host)s, process %(pid)s: %(said)s.")
            % {**told, "host": one.pulse.host, "pid": one.pulse.pid, "said": one.said},
            _("See its log; if it does not recover, end it: its supervisor starts another."),
            command=f"kill -9 {one.pulse.pid}",
        )
        for one in row.instances
        if one.level == Level.BAD
    ]


def _versions(found: Sequence[Pulse]) -> list[Trouble]:
    versions = sorted({pulse.version for pulse in found if pulse.is_fresh})
    if len(versions) < 2:
        return []
    text = _("Processes of different versions run: %(versions)s.") % {
        "versions": ", ".join(versions)
    }
    return [Trouble(Level.WARNING, text, _("Restart those of the older version."))]
