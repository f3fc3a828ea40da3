"""What became of dead letters: told from the letters, and from the inbox of their service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from restaurant.messaging.models import dead_letters_of, inbox_of


@dataclass(frozen=True)
class Fate:
    """Where a letter stands: `waits`, `discarded`, `sent`, `handled` or `failed_again`."""

    name: str
    text: str
    # The letter that its event was buried as the next time, when it failed again.
    later: int | None = None


def fates(service: str, letters: Sequence[Any]) -> dict[int, Fate]:
    """Say by its key what became of each letter; two statements at most, however many they are."""
    redriven = [letter for letter in letters if letter.redriven_at]
    ids = {letter.event_id for letter in redriven}
    later, handled = _failed_again(service, ids), _handled(service, ids)
    return {letter.pk: _fate(letter, later, handled) for letter in letters}


def _fate(letter: Any, later: dict[Any, list[int]], handled: dict[Any, datetime]) -> Fate:
    if letter.redriven_at:
        return _after_redriving(letter, later, handled)
    if letter.discarded_at:
        text = _("Discarded by %(who)s on %(when)s: %(why)s") % {
            "who": letter.discarded_by,
            "when": _shown(letter.discarded_at),
            "why": letter.discard_reason,
        }
        return Fate("discarded", text)
    return Fate("waits", _("Waits for a decision"))


def _after_redriving(
    letter: Any, later: dict[Any, list[int]], handled: dict[Any, datetime]
) -> Fate:
    told = {"who": letter.redriven_by or "?", "when": _shown(letter.redriven_at)}
    sent = _("Redriven by %(who)s on %(when)s") % told
    if next_one := next((pk for pk in later.get(letter.event_id, ()) if pk > letter.pk), None):
        return Fate("failed_again", f"{sent}: {_('failed again')}", later=next_one)
    if at := handled.get(letter.event_id):
        when = _("handled on %(when)s") % {"when": _shown(at)}
        return Fate("handled", f"{sent}: {when}")
    return Fate("sent", f"{sent}: {_('on its way')}")


def _failed_again(service: str, ids: set[Any]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    if ids:
        rows = dead_letters_of(service).objects.filter(event_id__in=ids).order_by("pk")
        for event_id, pk in rows.values_list("event_id", "pk"):
            found.setdefault(event_id, []).append(pk)
    return found


def _handled(service: str, ids: set[Any]) -> dict[Any, datetime]:
    rows = inbox_of(service).objects.filter(event_id__in=ids) if ids else ()
    return {row.event_id: row.handled_at for row in rows}


def _shown(time: datetime) -> str:
    return date_format(localtime(time), "DATETIME_FORMAT")
