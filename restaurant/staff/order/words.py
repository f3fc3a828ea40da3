"""Lengths of time and points in it, as the page says them."""

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def span(length: timedelta) -> str:
    """Say how long something took: "12 ms", "1.2 s", "3 min 4 s", "2 h 5 min", "3 d 4 h"."""
    seconds = max(0.0, length.total_seconds())
    if seconds < 0.9995:
        return _("%(n)d ms") % {"n": round(seconds * 1000)}
    if seconds < 9.95:
        return _("%(n)s s") % {"n": formats.number_format(seconds, 1)}
    if seconds < 60:
        return _("%(n)d s") % {"n": int(seconds)}
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}


def clock(moment: datetime) -> str:
    """Give the time of day, in the restaurant's zone."""
    return timezone.localtime(moment).strftime("%H:%M")
