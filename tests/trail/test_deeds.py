"""Every deed of an admin page leaves an entry."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import ANY

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc import open_sessions, tasks
from auth_grpc.models import SecondFactor, User
from restaurant.staff import books
from tests.staff import rows
from tests.staff.test_deeds import (
    DEEDS,
    STAFF,
    Done,
    action,
    address,
    button,
    cooking_ticket,
)
from tests.trail.entries import DATABASES, boss, only

pytestmark = pytest.mark.django_db(databases=DATABASES)


def somebody(**fields: Any) -> Callable[[], User]:
    return lambda: rows.user(1, **fields)


def with_a_factor() -> User:
    user = rows.user(1, second_factor_since=rows.NOW)
    SecondFactor.objects.create(user=user, secret="-", created_at=rows.NOW)
    return user


def discarded(service: str) -> Any:
    told = {"discarded_at": rows.NOW, "discarded_by": "ana@example.com", "discard_reason": "old"}
    return rows.dead_letter(service, **told)


WHY = {"reason": "left us"}
# Deeds to accounts; what they do otherwise is tested with them.
ACCOUNTS = [
    Done("deactivate", "", somebody(), "is_active", False, WHY),
    Done("reactivate", "", somebody(is_active=False), "is_active", True, WHY),
    Done(
        *("reset_second_factor", "", with_a_factor),
        *("second_factor_since", None, WHY),
    ),
    Done("end", "", lambda: rows.session(1), "revoked_reason", "staff", {}),
]
LETTERS = [
    done
    for service in books.PIPELINE
    for done in (
        Done("redrive", "", partial(rows.dead_letter, service), "redriven_at", ANY, {}),
        Done("discard", "", partial(rows.dead_letter, service), "discarded_at", ANY, WHY),
        Done("restore", "", partial(discarded, service), "discarded_at", None, {}),
    )
]
# These change no field of the row, and say themselves what they did.
TOLD = {"end_sessions", "send_password_link"}


def test_every_deed_is_in_the_table() -> None:
    deeds = {
        deed.name for page in admin.site._registry.values() for deed in getattr(page, "deeds", ())
    }
    assert {deed.name for deed in (*DEEDS, *ACCOUNTS, *LETTERS)} | TOLD == deeds


def test_it_records_what_was_done_to_an_account_beside_its_row(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, sent = rows.session(1), list[Any]()
    user, session.expires_at = session.user, timezone.now() + timedelta(hours=1)
    session.save()
    settings.MAIL_IS_CONFIGURED = True
    monkeypatch.setattr(tasks.mail_password_link, "delay", lambda *given: sent.append(given))
    (open_session,) = open_sessions.of(user, now=timezone.now())
    boss(client)
    for name, given in (("end_sessions", [open_session.name]), ("send_password_link", [])):
        body = {"_form_submitted": "True", "sessions": given}
        assert client.post(address(user, name, user.pk), body).status_code == 302
        assert only(action=name).object_id == str(user.pk)
    assert sent


@pytest.mark.parametrize(
    "deed",
    [*DEEDS, *ACCOUNTS, *LETTERS],
    ids=lambda deed: deed.name,
)
def test_it_records_a_deed(deed: Any, client: Client) -> None:
    row = deed.row()
    button(boss(client, STAFF), row, deed)
    entry = only(object_id=str(row.pk), object_type=row._meta.label_lower)
    assert (entry.action, entry.via) == (deed.name, "admin")
    assert entry.reason == deed.given.get("reason", "")
    assert entry.before.get(deed.field) != entry.after[deed.field] == deed.then


def test_it_records_of_chosen_rows_those_that_changed(client: Client) -> None:
    cooking, queued = cooking_ticket(), rows.ticket(2)
    action(boss(client), "bump", cooking, queued)
    assert only().object_id == str(cooking.pk)
