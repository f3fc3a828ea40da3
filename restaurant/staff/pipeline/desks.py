"""What lies on each service's desk: what to send, what is due, what failed, what is overdue.

Bounded: however much lies there, no more than `MOST` rows are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connections
from django.db.models import Count, Min, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from delivery.models import Delivery
from kitchen.models import Ticket
from orders.models import ENDED, Order
from restaurant.databases import URL_VARIABLES, alias_of
from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.staff import books, watchdog
from restaurant.staff.dashboard import rollup
from restaurant.staff.pipeline import say
from restaurant.staff.pipeline.piles import EMPTY, MOST, Pile
from restaurant.staff.pipeline.spans import span
from restaurant.staff.pipeline.troubles import Level, Trouble, worst

# The relay sends within a fraction of a second; the audit calls a message stuck after a minute.
OUTBOX_SLOW, OUTBOX_STUCK = timedelta(seconds=10), timedelta(seconds=60)
# A worker looks for what is due many times a second.
TIMER_SLOW, TIMER_STUCK = timedelta(seconds=5), timedelta(seconds=30)
# Beat starts the watchdog and the rollup every minute.
TASK_SILENT = timedelta(minutes=3)
TIMERS: dict[str, Any] = {"kitchen": Ticket, "delivery": Delivery}


@dataclass(frozen=True)
class Desk:
    """A service's; `unknown` says why nothing is known of it."""

    service: str
    outbox: Pile = EMPTY
    timers: Pile | None = None
    letters: Pile = EMPTY
    overdue: Pile | None = None
    watchdog: str = ""
    unknown: str = ""
    troubles: Sequence[Trouble] = field(default_factory=list)

    @property
    def level(self) -> Level:
        unknown = Level.UNKNOWN if self.unknown else Level.OK
        return worst([unknown, *(trouble.level for trouble in self.troubles)])


def look(now: datetime, *, beat_up: timedelta | None = None) -> list[Desk]:
    """Read every service's database; one that cannot be read says so and harms no other.

    `beat_up` is how long the process runs that starts side work; `None` when none does.
    """
    is_new = beat_up is not None and beat_up < TASK_SILENT
    return [_desk(service, now, is_new) for service in books.PIPELINE]


def _desk(service: str, now: datetime, beat_is_new: bool) -> Desk:
    variable = URL_VARIABLES[alias_of(service)]
    if not books.has(service):
        told = {"variable": variable}
        return Desk(service, unknown=_("not known here: %(variable)s is not set") % told)
    try:
        return _read(service, now, beat_is_new)
    except DatabaseError as error:
        # Renewed, so that the next look may be answered.
        connections[alias_of(service)].close()
        trouble = Trouble(
            Level.BAD,
            _("The database of %(service)s does not answer.") % {"service": service},
            _("Start it, or see whether %(variable)s is right.") % {"variable": variable},
            command="manage.py migrate_services",
        )
        return Desk(service, unknown=str(error).partition("\n")[0], troubles=[trouble])


def _read(service: str, now: datetime, beat_is_new: bool) -> Desk:
    outbox, letters = _outbox(service, now), _letters(service, now)
    timers = _timers(service, now) if service in TIMERS else None
    overdue = _overdue(now) if service == "orders" else None
    looked, silence = _watchdog(now, beat_is_new) if service == "orders" else ("", [])
    if service == "orders":
        silence += _rollup(now, beat_is_new)
    piles = [(outbox, say.outbox), (timers, say.timers), (letters, say.letters)]
    told = [(pile, words) for pile, words in [*piles, (overdue, say.overdue)] if pile]
    troubles = [words(service, pile) for pile, words in told if pile.level > Level.OK]
    return Desk(service, outbox, timers, letters, overdue, looked, troubles=[*troubles, *silence])


def _outbox(service: str, now: datetime) -> Pile:
    rows = outbox_of(service).objects.filter(published_at=None).order_by("sequence")
    count, age = _measure(rows, "created_at", now)
    level = _by_age(age, OUTBOX_SLOW, OUTBOX_STUCK)
    return Pile(count, age, level=level, url=_list(f"{service}_outboxmessage", "published=no"))


def _letters(service: str, now: datetime) -> Pile:
    rows = dead_letters_of(service).objects.waiting().order_by("topic", "error_kind", "pk")
    count, age = _measure(rows, "failed_at", now)
    level = Level.BAD if count else Level.OK
    return Pile(count, age, level=level, url=reverse("staff:dead_letters"))


def _timers(service: str, now: datetime) -> Pile:
    """Count what has a time, and what of it is late; the oldest is the one most late."""
    rows = TIMERS[service].objects.filter(due_at__isnull=False).order_by("due_at")
    found = rows.values("due_at")[: MOST + 1].aggregate(
        count=Count("*"), first=Min("due_at"), late=Count("due_at", filter=Q(due_at__lt=now))
    )
    age = max(now - found["first"], timedelta(0)) if found["first"] else timedelta(0)
    name = TIMERS[service]._meta.model_name
    level = _by_age(age, TIMER_SLOW, TIMER_STUCK)
    return Pile(found["count"], age, found["late"], level, _list(f"{service}_{name}", ""))


def _overdue(now: datetime) -> Pile:
    rows = Order.objects.filter(overdue_since__isnull=False, status_rank__lt=ENDED)
    count, age = _measure(rows.order_by("updated_at"), "overdue_since", now)
    level = Level.WARNING if count else Level.OK
    return Pile(count, age, level=level, url=_list("orders_order", "overdue=yes"))


def _watchdog(now: datetime, beat_is_new: bool) -> tuple[str, list[Trouble]]:
    """Say when the watchdog last looked; its findings are as old."""
    ago, is_silent = _last_run(watchdog.RAN, now, beat_is_new)
    if is_silent:
        text = _("The watchdog has not looked for stuck orders lately (%(said)s).")
        return _("has not looked lately"), [_silence(text, ago)]
    if not ago:
        return _("looks within a minute"), []
    return _("looked %(span)s ago") % {"span": ago}, []


def _rollup(now: datetime, beat_is_new: bool) -> list[Trouble]:
    """Say so when nobody adds up for the dashboard, which still shows what it last knew."""
    ago, is_silent = _last_run(rollup.RAN, now, beat_is_new)
    text = _("The dashboard's figures have not been counted lately (%(said)s).")
    return [_silence(text, ago)] if is_silent else []


def _last_run(key: str, now: datetime, beat_is_new: bool) -> tuple[str, bool]:
    """Give how long ago a task last ended well, empty where unknown, and if that is too long."""
    ran = parse_datetime(cache.get(key) or "")
    if ran is None:
        return "", not beat_is_new
    return span((now - ran).total_seconds()), now - ran >= TASK_SILENT and not beat_is_new


def _silence(text: str, ago: str) -> Trouble:
    return Trouble(
        Level.WARNING,
        text % {"said": ago or _("not heard of")},
        _(
            "See whether celery and beat run above, whether its task is on the schedule, and what"
            " celery's log says."
        ),
        url=_list("django_celery_beat_periodictask", ""),
    )


def _measure(rows: QuerySet[Any], time: str, now: datetime) -> tuple[int, timedelta]:
    found = rows.values(time)[: MOST + 1].aggregate(count=Count("*"), first=Min(time))
    age = max(now - found["first"], timedelta(0)) if found["first"] else timedelta(0)
    return found["count"], age


def _by_age(age: timedelta, slow: timedelta, stuck: timedelta) -> Level:
    if age >= stuck:
        return Level.BAD
    return Level.WARNING if age >= slow else Level.OK


def _list(name: str, query: str) -> str:
    """Give the address of a list; empty where this process does not serve it."""
    try:
        return reverse(f"admin:{name}_changelist") + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""
