"""What the dashboard says in words."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from restaurant.boards.words import clock
from restaurant.staff.dashboard import hours, kinds
from restaurant.staff.dashboard.period import Period
from restaurant.staff.dashboard.totals import AWAY, NOT_COUNTED, NOT_HERE

SERVICES: dict[str, str | Promise] = {
    "orders": gettext_lazy("orders"),
    "kitchen": gettext_lazy("the kitchen"),
    "delivery": gettext_lazy("delivery"),
}
WHY: dict[str, str | Promise] = {
    NOT_HERE: gettext_lazy("Not known here: the database of %(service)s is not configured."),
    AWAY: gettext_lazy("Not known now: the database of %(service)s does not answer."),
    NOT_COUNTED: gettext_lazy("Not counted yet: the book of %(service)s is being added up."),
}
LOST: dict[str, str | Promise] = {
    kinds.CANCELLED: gettext_lazy("cancelled"),
    kinds.REJECTED: gettext_lazy("rejected"),
    kinds.FAILED: gettext_lazy("not delivered"),
}
# Codes that clients are told when a request for an order is refused.
REFUSALS: dict[str, str | Promise] = {
    "unavailable": gettext_lazy("dish is 86'd"),
    "unknown_sku": gettext_lazy("dish is not on the menu"),
    "unknown_option": gettext_lazy("option is not on the menu"),
    "duplicate_option": gettext_lazy("option chosen twice"),
    "too_few_options": gettext_lazy("too few options chosen"),
    "too_many_options": gettext_lazy("too many options chosen"),
    "malformed": gettext_lazy("request is not JSON"),
    "wrong_type": gettext_lazy("request has a field of the wrong type"),
    "unknown_field": gettext_lazy("request has an unknown field"),
    "required": gettext_lazy("request lacks a field"),
    "blank": gettext_lazy("address is blank"),
    "bad_text": gettext_lazy("text cannot be read"),
    "out_of_range": gettext_lazy("quantity is out of range"),
    "null": gettext_lazy("request has a null"),
    "too_long": gettext_lazy("text or list is too long"),
    "too_short": gettext_lazy("text or list is too short"),
    # Of counts from before these two were told apart.
    "wrong_length": gettext_lazy("text or list is too long or too short"),
    "invalid": gettext_lazy("request is not valid"),
    "bad_idempotency_key": gettext_lazy("idempotency key is not valid"),
    "idempotency_key_reused": gettext_lazy("idempotency key was used before"),
    "idempotency_key_in_use": gettext_lazy("request with this key still runs"),
    "unknown_parameter": gettext_lazy("unknown query parameter"),
    "repeated_parameter": gettext_lazy("query parameter given twice"),
    "not_acceptable": gettext_lazy("another kind of answer is wanted"),
    "not_authenticated": gettext_lazy("nobody signed in"),
    "session_needed": gettext_lazy("no session of the staff site"),
    "invalid_token": gettext_lazy("token is not valid"),
    # Of counts from before its code was the token's.
    "authentication_failed": gettext_lazy("token is not valid"),
    "permission_denied": gettext_lazy("not allowed"),
    "throttled": gettext_lazy("too many requests"),
    "unsupported_media_type": gettext_lazy("request is not said to be JSON"),
    "csrf_failed": gettext_lazy("token of the page is missing"),
    "body_too_large": gettext_lazy("request is too big"),
    "length_required": gettext_lazy("request does not say its length"),
    "precondition_failed": gettext_lazy("request has If-Match"),
    "unsupported_encoding": gettext_lazy("request is compressed"),
    "bad_request": gettext_lazy("request is addressed wrongly"),
    "auth_unavailable": gettext_lazy("auth did not answer"),
    "intake_unavailable": gettext_lazy("orders could not be taken"),
    "internal_server_error": gettext_lazy("server error"),
}


def unknown(reasons: dict[str, str], service: str) -> str:
    """Say why nothing is known of a service; nothing when it is known."""
    if service not in reasons:
        return ""
    return str(WHY[reasons[service]]) % {"service": SERVICES[service]}


def refusal(code: str) -> str:
    return str(REFUSALS.get(code, code.replace("_", " ")))


def reason(text: str) -> str:
    return text or _("no reason given")


def kind(of: str) -> str:
    """Say how an order was lost."""
    return str(LOST[of])


def duration(seconds: float | None) -> str:
    """Give a length of time as a clock shows it, a dash for none."""
    return "–" if seconds is None else clock(seconds)  # noqa: RUF001


def waits(since: datetime | None, *, now: datetime) -> str:
    """Give how long something waits, shortly: "12 min"."""
    if since is None:
        return ""
    minutes = max(0, int((now - since).total_seconds())) // 60
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    told = {"hours": minutes // 60, "minutes": minutes % 60}
    return _("%(hours)d h %(minutes)d min") % told


def days(period: Period) -> str:
    """Name a period by its days: "Tue 24 Nov", or "18 Nov to 24 Nov"."""
    if period.is_one_day:
        return date_format(period.first, "D j M")
    told = {"first": date_format(period.first, "j M"), "last": date_format(period.last, "j M")}
    return _("%(first)s to %(last)s") % told


def compared(before: Period) -> str:
    """Name what a period is compared to: "Tue 17 Nov up to 12:37"."""
    if before.end == hours.bounds(before.last)[1]:
        return days(before)
    told = {"days": days(before), "time": date_format(hours.local(before.end), "H:i")}
    return _("%(days)s up to %(time)s") % told


def at(moment: datetime) -> str:
    """Give a moment by the restaurant's clock: the time alone when it is of today."""
    return date_format(hours.local(moment), "H:i:s")


def age(span: timedelta) -> str:
    """Say how old something is."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    if seconds < 7200:
        minutes = seconds // 60
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if seconds < 172800:
        count = seconds // 3600
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    count = seconds // 86400
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def change(value: Decimal | float | None, before: Decimal | float | None) -> float | None:
    """Give by what part a value is more than before; None when that cannot be told."""
    if value is None or not before:
        return None
    return float(value) / float(before) - 1
