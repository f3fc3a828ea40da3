"""Spans of time, as one says them."""

from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86_400


def span(seconds: float) -> str:
    """Say how long in one or two units: "8 s", "3 min", "2 h 5 min", "4 d 3 h"."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return _("%(s)d s") % {"s": whole}
    if whole < HOUR:
        return _("%(min)d min") % {"min": whole // MINUTE}
    if whole < DAY:
        return _("%(h)d h %(min)d min") % {"h": whole // HOUR, "min": whole % HOUR // MINUTE}
    return _("%(d)d d %(h)d h") % {"d": whole // DAY, "h": whole % DAY // HOUR}
