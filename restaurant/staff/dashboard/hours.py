"""The restaurant's hours and days, as stretches of UTC.

Clocks are put forward and back: a local day has 23, 24 or 25 hours, and an hour that comes twice
is two hours here. Time zones half an hour or a quarter off have their hours begin there.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

# All changes of clocks and all time zones are whole multiples of this.
STEP = timedelta(minutes=15)


def zone() -> ZoneInfo:
    """Give the restaurant's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def local(at: datetime) -> datetime:
    """Give a moment by the restaurant's clock."""
    return at.astimezone(zone())


def start_of(day: date) -> datetime:
    """Give the moment, in UTC, at which a local day begins.

    A midnight that is left out, as clocks are put forward, is reckoned by the offset before: that
    lands on the first moment that there is.
    """
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def hour_of(at: datetime) -> datetime:
    """Give the beginning, in UTC, of the local hour that a moment belongs to."""
    begins = _step_of(at.astimezone(UTC))
    while _shown(begins - STEP) == _shown(begins):
        begins -= STEP
    return begins


def hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Give the local hours from the one of `start` to `end`, each with where it ends."""
    begins = hour_of(start)
    while begins < end:
        ends = _next(begins)
        yield begins, ends
        begins = ends


def day_of(at: datetime) -> date:
    """Give the local day of a moment."""
    return local(at).date()


def bounds(day: date) -> tuple[datetime, datetime]:
    """Give where a local day begins and ends, in UTC."""
    return start_of(day), start_of(day + timedelta(days=1))


def same_time_on(day: date, at: datetime) -> datetime:
    """Give the moment of another day at which the clock shows what it shows at `at`."""
    shown = local(at)
    return datetime.combine(day, shown.timetz()).astimezone(UTC)


def _next(begins: datetime) -> datetime:
    ends = begins + STEP
    while hour_of(ends) == begins:
        ends += STEP
    return ends


def _shown(at: datetime) -> tuple[date, int, timedelta | None]:
    """Give what tells one local hour from another, be it the same by the clock."""
    clock = local(at)
    return clock.date(), clock.hour, clock.utcoffset()


def _step_of(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
