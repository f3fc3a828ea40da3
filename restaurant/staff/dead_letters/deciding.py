"""Redriving and discarding as the page asks for it, kept in the audit trail."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from restaurant.messaging import dead_letters
from restaurant.messaging.dead_letters import REASON_LENGTH
from restaurant.messaging.models import dead_letters_of
from restaurant.staff.dead_letters import groups
from restaurant.trail import Person, Target, record

# Decided on at once: they are locked, and redriven ones are read with all they hold.
MOST = 1000


class BadPress(Exception):
    """The page sent what no button of it sends."""


class Press(Struct, forbid_unknown_fields=True):
    """A press: on some letters by their keys, or on a group up to the newest that was seen."""

    deed: Literal["redrive", "discard"]
    service: Literal["orders", "kitchen", "delivery"]
    ids: Annotated[list[int], Meta(max_length=MOST)] = []
    topic: str = ""
    kind: str = ""
    up_to: int = 0
    reason: Annotated[str, Meta(max_length=REASON_LENGTH)] = ""


_decoder = msgspec.json.Decoder(Press)


def read(request: HttpRequest) -> Press:
    """Read a request's body. Raises `BadPress`."""
    try:
        found = _decoder.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPress(str(error)) from error
    # Beyond, no database takes it for a key.
    if not all(0 < key < 2**63 for key in (*found.ids, found.up_to or 1)):
        raise BadPress("a key is out of range")
    return found


def decide(press: Press, person: Person, *, now: datetime) -> tuple[int, int]:
    """Do it; gives how many letters changed, and how many others had decided on before.

    Raises `NoReason` when discarding for none.
    """
    asked = press.ids or groups.oldest(
        press.service, press.topic, press.kind, up_to=press.up_to, most=MOST
    )
    with transaction.atomic(using=press.service):
        if press.deed == "redrive":
            done = dead_letters.redrive(press.service, asked, now=now, by=person.email)
        else:
            done = dead_letters.discard(
                press.service, asked, reason=press.reason, now=now, by=person.email
            )
        if done:
            _keep(press, done, person, now)
    return len(done), len(set(asked)) - len(done)


def _keep(press: Press, done: list[int], person: Person, now: datetime) -> None:
    """Write one entry a press: each letter keeps by itself who decided on it."""
    first = dead_letters_of(press.service).objects.defer(*groups.HEAVY).get(pk=done[0])
    if len(done) == 1:
        target = Target.of(first)
    else:
        told = {"count": len(done), "topic": first.topic, "kind": first.error_kind}
        name = _("%(count)d letters of %(topic)s: %(kind)s") % told
        target = Target(first._meta.label_lower, str(first.pk), name[:200])
    record(
        person,
        target,
        action=press.deed,
        now=now,
        after={"letters": done},
        reason=press.reason.strip(),
    )
