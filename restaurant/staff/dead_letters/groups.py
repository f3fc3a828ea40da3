"""Dead letters that failed alike, and the letters of such a group."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connections
from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _

from restaurant.admin_parts.fates import Fate, fates
from restaurant.databases import URL_VARIABLES, alias_of
from restaurant.messaging.models import dead_letters_of
from restaurant.staff import books

# Shown at a time, of each service.
MOST_GROUPS, MOST_LETTERS = 100, 50
HEAVY = ("payload", "headers", "traceback")


@dataclass(frozen=True)
class Group:
    """Letters of a service that wait: of one topic, and with one kind of error."""

    service: str
    topic: str
    kind: str
    count: int
    first: datetime
    last: datetime
    # The newest of them: who decides on the group has seen none after it.
    up_to: int


@dataclass(frozen=True)
class Told:
    """A letter that somebody decided on, and what became of it."""

    service: str
    letter: Any
    fate: Fate


@dataclass
class Found:
    """What could be read, and which services' letters could not and why."""

    rows: list[Any] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)


def groups(services: Iterable[str]) -> Found:
    """Give the groups that wait, those of the last failure first; a statement a service."""
    found = _of_each(services, _groups)
    found.rows.sort(key=lambda group: group.last, reverse=True)
    return found


def decided(services: Iterable[str]) -> Found:
    """Give the newest letters that were redriven or discarded; three statements a service."""
    found = _of_each(services, _decided)
    found.rows.sort(key=lambda told: told.letter.failed_at, reverse=True)
    return found


def letters(service: str, topic: str, kind: str, *, before: int | None = None) -> list[Any]:
    """Give the newest of a group's letters, or of those older than `before`."""
    rows = _waiting(service, topic, kind).defer(*HEAVY).order_by("-pk")
    return list((rows.filter(pk__lt=before) if before else rows)[:MOST_LETTERS])


def oldest(service: str, topic: str, kind: str, *, up_to: int, most: int) -> list[int]:
    """Give the keys of a group's letters that were seen, the oldest first."""
    rows = _waiting(service, topic, kind).filter(pk__lte=up_to).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])


def _waiting(service: str, topic: str, kind: str) -> Any:
    return dead_letters_of(service).objects.waiting().filter(topic=topic, error_kind=kind)


def _groups(service: str) -> Sequence[Group]:
    named = dead_letters_of(service).objects.waiting().values_list("topic", "error_kind")
    counted = named.annotate(
        count=Count("pk"), first=Min("failed_at"), last=Max("failed_at"), up_to=Max("pk")
    )
    return [Group(service, *row) for row in counted.order_by("-last")[:MOST_GROUPS]]


def _decided(service: str) -> Sequence[Told]:
    rows = dead_letters_of(service).objects.filter(
        Q(redriven_at__isnull=False) | Q(discarded_at__isnull=False)
    )
    found = list(rows.defer(*HEAVY).order_by("-pk")[:MOST_LETTERS])
    told = fates(service, found)
    return [Told(service, letter, told[letter.pk]) for letter in found]


def _of_each(services: Iterable[str], read: Callable[[str], Sequence[Any]]) -> Found:
    found = Found()
    for service in services:
        variable = URL_VARIABLES[alias_of(service)]
        if not books.has(service):
            found.unknown[service] = _("%(variable)s is not set here") % {"variable": variable}
            continue
        try:
            found.rows += read(service)
        except DatabaseError:
            connections[alias_of(service)].close()
            found.unknown[service] = _("its database does not answer")
    return found
