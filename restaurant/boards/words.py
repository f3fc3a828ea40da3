"""The words that boards have in common."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def ago(then: datetime, *, now: datetime) -> str:
    """Say how long ago something was, as "2 s ago"; both times are UTC."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 60:
        return _("%(count)d s ago") % {"count": seconds}
    minutes = seconds // 60
    if minutes < 60:
        return _("%(count)d min ago") % {"count": minutes}
    hours = minutes // 60
    return ngettext("%(count)d hour ago", "%(count)d hours ago", hours) % {"count": hours}


def clock(seconds: float) -> str:
    """Give a length of time as a clock shows it: "4:07", or "1:02:30"."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def texts() -> dict[str, Any]:
    """Give what the boards' common script says, in the language of the request."""
    return {
        "live": _("Live"),
        "connecting": _("Connecting"),
        "lost": _("Not live"),
        "stale": _("Not live: the picture is {age} old. Looking again every 3 seconds."),
        "unreachable": _("No connection: the picture is {age} old, and buttons do not work."),
        "offline": _("Not done: there is no connection."),
        "unanswered": _("No answer. The board shows how it is now as soon as it can."),
        "failed": _("Not done: the server could not do it."),
        "undo": _("Undo"),
        "sound_on": _("Sound is on"),
        "sound_off": _("Sound is off"),
    }
