"""Keeping the rollups: counting what is new and what may have changed, as often as one likes.

Hours are counted anew as wholes, days are the sums of their hours: a run that is repeated, or
broken off, changes nothing for the worse.
"""

import time
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from restaurant.staff import books
from restaurant.staff.dashboard import counting, hours, kinds
from restaurant.staff.dashboard.models import Counted, DayTally, HourTally

# Where in the cache it is kept when all was last counted.
RAN = "dashboard:rollup:ran"
# What was written just now may not be committed yet: it is left to the next run.
SETTLE = timedelta(seconds=5)
# Counted again each time: a transaction may have been slow.
AGAIN = timedelta(hours=1)
# Clocks of several machines differ, and transactions take their time.
MARGIN = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)


def catch_up(*, now: datetime, seconds: float | None = None) -> bool:
    """Count what is new in every book that can be read here; `now` is UTC.

    Stops after so many `seconds`, where they are given, and then tells that there is more by False.
    Raises `DatabaseError` when a book that is configured here does not answer.
    """
    ends = time.monotonic() + seconds if seconds is not None else None
    for service in books.PIPELINE:
        while books.has(service) and not _step(service, now):
            if ends is not None and time.monotonic() > ends:
                return False
    return True


def rebuild(service: str, *, since: datetime | None) -> None:
    """Forget what was counted of a book from then on, or at all; `catch_up` counts it again.

    `since` is taken back to the beginning of its local day.
    """
    with transaction.atomic(using="default"):
        counted = _lock(service)
        if since is None or counted.until is None or counted.since is None:
            _forget(counted)
        else:
            day = hours.start_of(hours.day_of(since))
            for tally in (HourTally, DayTally):
                tally.objects.filter(at__gte=day, kind__in=kinds.BY_SERVICE[service]).delete()
            counted.until = min(counted.until, day)
            counted.since = min(counted.since, day)
        counted.save()


def _step(service: str, now: datetime) -> bool:
    """Count up to the end of a local day at most; tells whether nothing is left."""
    with transaction.atomic(using="default"):
        counted = _lock(service)
        if counted.time_zone != settings.TIME_ZONE:
            _forget(counted)
        goal = now - SETTLE
        begin = counted.until or counting.first_moment(service)
        if begin is None or begin >= goal:
            # Nothing to count yet; a clock that was put back changes nothing.
            counted.looked_at = counted.looked_at or now
            counted.save()
            return True
        counted.since = counted.since or hours.hour_of(begin)
        start = hours.hour_of(max(begin - AGAIN, counted.since))
        end = min(hours.bounds(hours.day_of(begin))[1], goal)
        wanted = dict(hours.hours(start, end)) | _changed(counted, before=start)
        _write(service, wanted, end)
        counted.until, counted.looked_at = end, now
        counted.save()
    return end == goal


def _lock(service: str) -> Counted:
    Counted.objects.get_or_create(service=service, defaults={"time_zone": settings.TIME_ZONE})
    return Counted.objects.select_for_update().get(service=service)


def _forget(counted: Counted) -> None:
    for tally in (HourTally, DayTally):
        tally.objects.filter(kind__in=kinds.BY_SERVICE[counted.service]).delete()
    counted.since = counted.until = counted.looked_at = None
    counted.time_zone = settings.TIME_ZONE


def _changed(counted: Counted, *, before: datetime) -> dict[datetime, datetime]:
    """Give the hours, from → to, in which something changed since the last look, long after it."""
    if counted.looked_at is None or counted.until is None:
        return {}
    since = counted.looked_at - MARGIN
    if counted.service == "orders":
        begins = {hours.hour_of(at) for at in counting.lost_since(since, before=before)}
        return {start: end for at in begins for start, end in hours.hours(at, at + INSTANT)}
    if counted.service == "kitchen":
        # A ticket may have been done and recalled several times: any of these hours may have it.
        recalled = counting.recalled_since(since, before=before)
        return dict(hours.hours(min(recalled), before)) if recalled else {}
    return {}


def _write(service: str, wanted: dict[datetime, datetime], until: datetime) -> None:
    """Count hours (from → to, none of them past `until`), and add up their days."""
    mine = kinds.BY_SERVICE[service]
    HourTally.objects.filter(at__in=wanted, kind__in=mine).delete()
    HourTally.objects.bulk_create(
        HourTally(at=start, **_fields(row))
        for start, end in wanted.items()
        for row in counting.count(service, start, min(end, until))
    )
    _add_up(mine, {hours.day_of(start) for start in wanted})


def _add_up(mine: Collection[str], days: Iterable[date]) -> None:
    for day in days:
        start, end = hours.bounds(day)
        of_day = HourTally.objects.filter(at__gte=start, at__lt=end, kind__in=mine)
        sums = of_day.values_list("kind", "key", "bucket").annotate(
            Max("label"), Sum("count"), Sum("amount")
        )
        rows = map(counting.Row._make, sums)
        DayTally.objects.filter(at=start, kind__in=mine).delete()
        DayTally.objects.bulk_create(DayTally(at=start, **_fields(row)) for row in rows)


def _fields(row: counting.Row) -> dict[str, Any]:
    kind, key, bucket, label, number, amount = row
    return {
        "kind": kind,
        "key": key,
        "bucket": bucket,
        "label": label,
        "count": number,
        "amount": amount,
    }


def freshness() -> dict[str, Counted]:
    """Give how far each book has been counted, by service; those never looked at are left out."""
    return {
        one.service: one for one in Counted.objects.all() if one.time_zone == settings.TIME_ZONE
    }
