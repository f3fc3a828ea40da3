"""All dead letters on a page: grouped, decoded, redriven or discarded, and kept in the trail."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from auth_grpc.models import User
from restaurant.messaging import dead_letters
from restaurant.messaging.error_kinds import kind_of
from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.staff.dead_letters import deciding, groups
from restaurant.trail.models import trail_of
from tests.staff import rows

DATABASES = ["default", "orders", "kitchen", "delivery"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
PAGE, PRESS = "/admin/dead-letters/", "/admin/dead-letters/press/"
ERROR = "ValueError: no dish …"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def letter(service: str = "kitchen", number: int = 1, **fields: Any) -> Any:
    error = fields.pop("error", f"ValueError: no dish {number}")
    return rows.dead_letter(service, **{"error": error, "error_kind": kind_of(error), **fields})


def login(client: Client, *permissions: str) -> None:
    """Log in somebody of the staff with these permissions, as "kitchen.view_deadletter"."""
    user = User.objects.create_user(f"{uuid4()}@example.com", is_staff=True)
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(
            Permission.objects.get(codename=codename, content_type__app_label=app)
        )
    client.force_login(user)


def press(client: Client, **body: Any) -> Any:
    given = {"deed": "redrive", "service": "kitchen", **body}
    return client.post(PRESS, json.dumps(given), content_type="application/json")


def on_group(last: Any, **body: Any) -> dict[str, Any]:
    return {"topic": last.topic, "kind": last.error_kind, "up_to": last.pk, **body}


def text(client: Client, path: str, **query: str) -> str:
    answer = client.get(f"{path}?{urlencode(query)}" if query else path)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


# --- What is shown --------------------------------------------------------------------------------


def test_it_groups_by_service_topic_and_kind_of_error(boss: Client) -> None:
    for number in range(3):
        letter(number=number, failed_at=rows.NOW + timedelta(minutes=number))
    letter(topic="order_cancel_requested")
    letter("delivery")
    letter(error="KeyError: 'address'")
    letter(number=7, redriven_at=rows.NOW)
    letter(number=8, discarded_at=rows.NOW)
    found = groups.groups(["orders", "kitchen", "delivery"]).rows
    assert sorted((g.service, g.topic, g.kind, g.count) for g in found) == [
        ("delivery", "order_created", ERROR, 1),
        ("kitchen", "order_cancel_requested", ERROR, 1),
        ("kitchen", "order_created", "KeyError: 'address'", 1),
        ("kitchen", "order_created", ERROR, 3),
    ]
    many = max(found, key=lambda group: group.count)
    assert many.last - many.first == timedelta(minutes=2)
    assert "order_created, not handled by kitchen" in text(boss, PAGE)


def test_it_says_that_none_waits(boss: Client) -> None:
    assert "No dead letter waits" in text(boss, PAGE)
    assert "Nobody has decided on a letter yet" in text(boss, PAGE, state="decided")


def test_it_shows_a_groups_letters_with_the_newest_decoded(boss: Client) -> None:
    first, second = letter(number=1), letter(number=2, traceback="Traceback: <here>")
    letter(error="KeyError: 'x'")
    shown = text(boss, f"{PAGE}kitchen/", topic="order_created", kind=ERROR)
    assert f"letter {second.pk}, decoded" in shown
    assert "&quot;number&quot;: &quot;1&quot;" in shown
    assert "Traceback: &lt;here&gt;" in shown
    for one in (first, second):
        assert f"/admin/kitchen/deadletter/{one.pk}/change/" in shown
    assert "KeyError" not in shown
    older = text(boss, f"{PAGE}kitchen/", topic="order_created", kind=ERROR, before=str(second.pk))
    assert "decoded" not in older
    assert f"/deadletter/{second.pk}/" not in older
    assert f"/deadletter/{first.pk}/" in older


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "٣"])
def test_it_bears_any_address(before: str, boss: Client) -> None:
    letter()
    shown = text(boss, f"{PAGE}kitchen/", topic="order_created", kind=ERROR, before=before)
    assert "deadletter" in shown
    assert "None is left" in text(boss, f"{PAGE}kitchen/", topic="'; --", kind="<b>")
    assert boss.get(f"{PAGE}auth_grpc/").status_code == 403


def test_it_shows_what_became_of_each(boss: Client) -> None:
    handled = letter(redriven_at=rows.NOW, redriven_by="ann")
    rows.inbox("kitchen", event_id=handled.event_id)
    failed = letter("orders", redriven_at=rows.NOW, redriven_by="ben")
    rows.inbox("orders", event_id=failed.event_id)
    later = letter("orders", event_id=failed.event_id)
    letter("delivery", discarded_at=rows.NOW, discarded_by="cem", discard_reason="Too <late>")
    letter("delivery", redriven_at=rows.NOW, redriven_by="dan")
    shown = text(boss, PAGE, state="decided")
    noon = "May 4, 2026, noon"
    assert f"Redriven by ann on {noon}: handled on {noon}" in shown
    assert f"Redriven by ben on {noon}: failed again" in shown
    assert f"/admin/orders/deadletter/{later.pk}/change/" in shown
    assert f"Discarded by cem on {noon}: Too &lt;late&gt;" in shown
    assert f"Redriven by dan on {noon}: on its way" in shown


def test_it_asks_as_often_for_many_as_for_few(boss: Client) -> None:
    counted = []
    for count in (1, 12):
        for i in range(count):
            for service in ("orders", "kitchen", "delivery"):
                letter(service, error=f"Error{'x' * (count + i)}: no")
                letter(service, redriven_at=rows.NOW)
        counted.append([statements(boss, alias) for alias in DATABASES])
    assert counted[0] == counted[1]
    # Session and user; groups, then the decided ones, their events and their later letters.
    assert counted[0] == [[2, 2], [1, 3], [1, 3], [1, 3]]


def statements(client: Client, alias: str) -> list[int]:
    found = []
    for path in (PAGE, f"{PAGE}?state=decided"):
        with CaptureQueriesContext(connections[alias]) as captured:
            assert client.get(path).status_code == 200
        found.append(len(captured))
    return found


def test_it_answers_without_a_database_and_says_so(boss: Client) -> None:
    letter("orders")

    def refuse(*_: Any) -> Any:
        raise OperationalError("connection refused")

    for query in ({}, {"state": "decided"}):
        with connections["kitchen"].execute_wrapper(refuse):
            shown = text(boss, PAGE, **query)
        assert "The letters of kitchen are not known: its database does not answer." in shown
        assert "No dead letter waits" not in shown


# --- Deciding -------------------------------------------------------------------------------------


def test_it_redrives_one_and_keeps_who_did(boss: Client) -> None:
    one, other = letter(number=1), letter(number=2)
    answer = press(boss, ids=[one.pk], reason="Mended in 1.2")
    assert (answer.status_code, answer.json()) == (200, {"say": ""})
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.redriven_by == "boss@example.com"
    assert other.redriven_at is None
    assert outbox_of("kitchen").objects.count() == 1
    entry = trail_of("kitchen").objects.get()
    assert (entry.action, entry.actor, entry.reason) == (
        "redrive",
        "boss@example.com",
        "Mended in 1.2",
    )
    assert (entry.object_type, entry.object_id) == ("kitchen.deadletter", str(one.pk))
    assert "1 letter redriven." in text(boss, PAGE)


def test_it_redrives_many(boss: Client) -> None:
    many = [letter(number=number) for number in range(4)]
    assert press(boss, ids=[one.pk for one in many[:3]]).status_code == 200
    assert dead_letters_of("kitchen").objects.waiting().get() == many[3]
    assert trail_of("kitchen").objects.get().after == {"letters": [one.pk for one in many[:3]]}


@pytest.mark.parametrize("deed", ["redrive", "discard"])
def test_it_decides_on_a_group_as_it_was_seen(deed: str, boss: Client) -> None:
    seen = [letter(number=number) for number in range(3)]
    other = letter(error="KeyError: 'x'")
    elsewhere = letter("delivery")
    after = letter(number=9)
    answer = press(boss, **on_group(seen[-1], deed=deed, reason="All alike"))
    assert answer.status_code == 200
    left = {*dead_letters_of("kitchen").objects.waiting()}
    assert left == {other, after}
    assert dead_letters_of("delivery").objects.waiting().get() == elsewhere
    entry = trail_of("kitchen").objects.get()
    assert entry.object_name == f"3 letters of order_created: {ERROR}"
    assert entry.after == {"letters": [one.pk for one in seen]}


def test_it_takes_no_more_than_it_says_at_once(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "MOST", 2)
    many = [letter(number=number) for number in range(3)]
    press(boss, **on_group(many[-1]))
    assert dead_letters_of("kitchen").objects.waiting().get() == many[2]


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_discards_nothing_without_a_reason(reason: str, boss: Client) -> None:
    one = letter()
    answer = press(boss, deed="discard", ids=[one.pk], reason=reason)
    assert (answer.status_code, answer.json()) == (400, {"say": "Say why."})
    assert dead_letters_of("kitchen").objects.waiting().count() == 1
    assert not trail_of("kitchen").objects.exists()


def test_it_discards_with_the_reason(boss: Client) -> None:
    one = letter()
    assert press(boss, deed="discard", ids=[one.pk], reason=" A test ").status_code == 200
    one.refresh_from_db()
    assert (one.discarded_by, one.discard_reason) == ("boss@example.com", "A test")
    assert trail_of("kitchen").objects.get().reason == "A test"
    assert not outbox_of("kitchen").objects.exists()


def test_it_tells_the_second_of_two_people(boss: Client) -> None:
    first, second = letter(number=1), letter(number=2)
    dead_letters.discard("kitchen", [first.pk], reason="Mine", now=rows.NOW, by="ann")
    answer = press(boss, ids=[first.pk])
    assert answer.status_code == 409
    assert "Somebody has decided" in answer.json()["say"]
    assert not outbox_of("kitchen").objects.exists()
    assert not trail_of("kitchen").objects.exists()
    assert press(boss, ids=[first.pk, second.pk]).status_code == 200
    shown = text(boss, PAGE)
    assert "1 letter redriven." in shown
    assert "1 letter had been decided on in the meantime" in shown
    assert outbox_of("kitchen").objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"deed": "delete"},
        {"service": "auth_grpc"},
        {"ids": ["1"]},
        {"ids": [0]},
        {"ids": [-1]},
        {"ids": [2**63]},
        {"up_to": 2**70},
        {"ids": list(range(1, 1002))},
        {"reason": "r" * 501},
        {"more": 1},
    ],
)
def test_it_refuses_what_no_button_sends(body: dict[str, Any], boss: Client) -> None:
    letter()
    answer = press(boss, **body)
    assert answer.status_code == 400
    assert answer.json()["say"]
    assert dead_letters_of("kitchen").objects.waiting().count() == 1


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b"{" * 100_00])
def test_it_refuses_what_is_no_press_at_all(body: bytes, boss: Client) -> None:
    assert boss.post(PRESS, body, content_type="application/json").status_code == 400


# --- Who may --------------------------------------------------------------------------------------


def test_it_needs_the_forgery_token() -> None:
    one = letter()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_superuser("boss@example.com"))
    assert press(strict, ids=[one.pk]).status_code == 403
    assert dead_letters_of("kitchen").objects.waiting().exists()


def test_it_is_for_those_who_may_see_the_pipeline(client: Client) -> None:
    one = letter()
    assert client.get(PAGE).status_code == 302
    assert press(client, ids=[one.pk]).status_code == 401
    login(client, "kitchen.view_deadletter", "kitchen.change_deadletter")
    for path in (PAGE, f"{PAGE}kitchen/"):
        assert client.get(path).status_code == 403
    assert press(client, ids=[one.pk]).status_code == 403
    assert dead_letters_of("kitchen").objects.waiting().exists()


def test_it_shows_the_services_whose_letters_one_may_see(client: Client) -> None:
    letter("kitchen")
    letter("delivery")
    login(client, "staff.view_pipeline", "kitchen.view_deadletter")
    shown = text(client, PAGE)
    assert "not handled by kitchen" in shown
    assert "not handled by delivery" not in shown
    assert "You may not see those of orders, delivery." in shown
    assert client.get(f"{PAGE}kitchen/?topic=order_created").status_code == 200
    assert client.get(f"{PAGE}delivery/?topic=order_created").status_code == 403


@pytest.mark.parametrize("deed", ["redrive", "discard"])
def test_it_lets_only_those_decide_who_may(deed: str, client: Client) -> None:
    one = letter()
    login(
        client,
        "staff.view_pipeline",
        *("kitchen.view_deadletter", "delivery.view_deadletter", "delivery.change_deadletter"),
    )
    assert "data-deed" not in text(client, PAGE)
    assert "data-one" not in text(client, f"{PAGE}kitchen/", topic=one.topic, kind=one.error_kind)
    assert press(client, deed=deed, ids=[one.pk], reason="Mine").status_code == 403
    assert dead_letters_of("kitchen").objects.waiting().exists()
