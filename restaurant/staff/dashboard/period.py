"""The days that the dashboard shows, and those they are compared to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from restaurant.staff.dashboard import hours

WEEK = timedelta(days=7)
MOST_DAYS = 366
# By the name in the address: title, and how many days from the first to today, and to the last.
PRESETS: dict[str, tuple[str | Promise, int, int]] = {
    "today": (gettext_lazy("Today"), 0, 0),
    "yesterday": (gettext_lazy("Yesterday"), 1, 1),
    "week": (gettext_lazy("7 days"), 6, 0),
    "month": (gettext_lazy("28 days"), 27, 0),
    "quarter": (gettext_lazy("91 days"), 90, 0),
}


class BadPeriod(Exception):
    """The days asked for cannot be shown; the message is for the person."""


@dataclass(frozen=True)
class Period:
    """Local days from `first` to `last`, as far as they have passed at `now` (UTC)."""

    first: date
    last: date
    now: datetime
    preset: str = ""

    @property
    def start(self) -> datetime:
        return hours.start_of(self.first)

    @property
    def end(self) -> datetime:
        return min(self.now, hours.bounds(self.last)[1])

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last

    @property
    def is_running(self) -> bool:
        """Whether it is not over yet."""
        return self.end == self.now

    def before(self, *, until: datetime) -> "Period":
        """Give the same weekdays before: as many whole weeks ago as the period is long.

        `until` is how far this one is known: the other ends at the same time of its day.
        """
        weeks = ((self.last - self.first).days // 7 + 1) * WEEK
        first, last = self.first - weeks, self.last - weeks
        if until >= hours.bounds(self.last)[1]:
            return Period(first, last, self.now)
        day = hours.day_of(until) - weeks
        return Period(first, min(day, last), hours.same_time_on(day, until))


def read(query: QueryDict, *, now: datetime) -> Period:
    """Read the period from an address: `?range=week`, or `?from=2026-11-01&to=2026-11-24`.

    Raises `BadPeriod`.
    """
    today = hours.day_of(now)
    if query.get("from") or query.get("to"):
        return _chosen(query.get("from", ""), query.get("to", ""), today, now)
    preset = query.get("range") or "today"
    if preset not in PRESETS:
        raise BadPeriod(_("There is no such range: %(range)s.") % {"range": preset[:40]})
    _title, first, last = PRESETS[preset]
    return Period(today - timedelta(days=first), today - timedelta(days=last), now, preset)


def _chosen(first_text: str, last_text: str, today: date, now: datetime) -> Period:
    first = _date(first_text or last_text)
    last = _date(last_text) if last_text else today
    if last < first:
        raise BadPeriod(_("The first day is after the last one."))
    if last > today:
        raise BadPeriod(_("The last day is in the future."))
    if (last - first).days >= MOST_DAYS:
        raise BadPeriod(_("That is too long: at most %(days)d days.") % {"days": MOST_DAYS})
    # The days before must be in the calendar too.
    if first.year < 2000:
        raise BadPeriod(_("Nothing is known of days before 2000."))
    return Period(first, last, now)


def _date(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        told = {"date": text[:40]}
        raise BadPeriod(_("“%(date)s” is no date; write it as 2026-11-24.") % told)
    return found
