"""The pages of outbox, inbox and dead letters."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from google.protobuf.timestamp_pb2 import Timestamp

from auth_grpc.models import User
from proto.orders_pb2 import OrderCreated
from restaurant.admin_parts.fates import fates
from restaurant.admin_parts.messages import readable
from restaurant.messaging.models import inbox_of, outbox_of
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
TYPE = OrderCreated.DESCRIPTOR.full_name


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def page(row: Any) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def test_it_shows_a_message_as_json() -> None:
    text = readable(TYPE, OrderCreated(order_id="some-id", number=7).SerializeToString())
    assert '"order_id": "some-id"' in text
    assert '"number": "7"' in text


UNREADABLE = [
    ("no.such.Type", b"\x08\x01", "unknown type"),
    ("", b"", "unknown type"),
    (TYPE, b"\xff\xff\xff", "not a restaurant.orders.v1.OrderCreated"),
    (TYPE, b"\x0a\xffgarbage", "not a"),
    # A time that no calendar has.
    (TYPE, OrderCreated(placed_at=Timestamp(seconds=10**15)).SerializeToString(), "Cannot"),
    # Names of something that is no message.
    ("restaurant.orders.v1.OrderCreated.order_id", b"", "Cannot"),
    ("restaurant.auth.v1.AuthService", b"", "Cannot"),
]


@pytest.mark.parametrize(("type_name", "payload", "why"), UNREADABLE)
def test_it_says_why_a_message_cannot_be_read(type_name: str, payload: bytes, why: str) -> None:
    text = readable(type_name, payload)
    assert text.startswith("Cannot be decoded: ")
    assert why in text
    assert payload[:2].hex(" ") in text


@pytest.mark.parametrize(("type_name", "payload", "why"), UNREADABLE)
@pytest.mark.parametrize("make", [rows.outbox, rows.dead_letter])
def test_it_opens_the_page_of_what_cannot_be_read(
    make: Any, type_name: str, payload: bytes, why: str, boss: Client
) -> None:
    row = make("kitchen", type=type_name, payload=payload, headers={"ce_id": "<b>"})
    answer = boss.get(page(row))
    assert answer.status_code == 200
    assert "Cannot be decoded" in answer.content.decode()
    assert "<b>" not in answer.content.decode()


@pytest.mark.parametrize("make", [rows.outbox, rows.inbox, rows.dead_letter])
def test_it_lets_nobody_change_messages(make: Any, boss: Client) -> None:
    row = make("orders", topic="before")
    assert boss.post(page(row), {"topic": "after"}).status_code == 403
    row.refresh_from_db()
    assert row.topic == "before"


def test_it_redrives_the_letters_chosen(boss: Client) -> None:
    letters = [rows.dead_letter("kitchen") for _ in range(3)]
    rows.inbox("kitchen", event_id=letters[0].event_id)
    url = reverse("admin:kitchen_deadletter_changelist")
    body = {"action": "redrive", "_selected_action": [x.pk for x in letters[:2]], "index": 0}
    answer = boss.post(url, body, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Redrive: 2 changed."]
    assert outbox_of("kitchen").objects.count() == 2
    assert not inbox_of("kitchen").objects.exists()
    letters[2].refresh_from_db()
    assert letters[2].redriven_at is None


def test_it_redrives_a_letter_once(boss: Client) -> None:
    letter = rows.dead_letter("kitchen")
    url = reverse("admin:kitchen_deadletter_redrive", args=[letter.pk])
    for expected in (
        "Redrive: 1 changed.",
        "Redrive: 1 not changed: Somebody has decided on it before: Redriven by boss@example.com",
    ):
        answer = boss.post(url, {"_form_submitted": "True"}, follow=True)
        assert str(next(iter(answer.context["messages"]))).startswith(expected)
    assert outbox_of("kitchen").objects.count() == 1


def test_it_lets_only_those_redrive_who_may(client: Client) -> None:
    letter = rows.dead_letter("kitchen")
    user = User.objects.create_user("support@example.com", is_staff=True)
    user.user_permissions.add(
        Permission.objects.get(codename="view_deadletter", content_type__app_label="kitchen")
    )
    client.force_login(user)
    url = reverse("admin:kitchen_deadletter_redrive", args=[letter.pk])
    assert client.post(url, {"_form_submitted": "True"}).status_code == 403
    assert client.get(page(letter)).status_code == 200
    assert outbox_of("kitchen").objects.count() == 0


def test_it_discards_a_letter_for_a_reason_and_takes_it_back(boss: Client) -> None:
    letter = rows.dead_letter("kitchen")
    meta = "admin:kitchen_deadletter"
    discard = reverse(f"{meta}_discard", args=[letter.pk])
    refused = boss.post(discard, {"_form_submitted": "True", "reason": " "})
    assert "This field is required" in refused.content.decode()
    letter.refresh_from_db()
    assert letter.discarded_at is None
    boss.post(discard, {"_form_submitted": "True", "reason": "A test order"})
    letter.refresh_from_db()
    assert (letter.discarded_by, letter.discard_reason) == ("boss@example.com", "A test order")
    assert "A test order" in boss.get(page(letter)).content.decode()
    boss.post(reverse(f"{meta}_restore", args=[letter.pk]), {"_form_submitted": "True"})
    letter.refresh_from_db()
    assert (letter.discarded_at, letter.discard_reason) == (None, "")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "Waits for a decision"),
        ({"redriven_at": rows.NOW, "redriven_by": "ann"}, "Redriven by ann on "),
        ({"redriven_at": rows.NOW}, "Redriven by ? on "),
        (
            {"discarded_at": rows.NOW, "discarded_by": "ann", "discard_reason": "<old>"},
            "Discarded by ann on ",
        ),
    ],
)
def test_it_says_what_became_of_a_letter(
    given: dict[str, Any], expected: str, boss: Client
) -> None:
    letter = rows.dead_letter("kitchen", **given)
    text = boss.get(page(letter)).content.decode()
    assert expected in text
    assert "<old>" not in text


def test_it_tells_a_letter_that_was_handled_from_one_that_failed_again(boss: Client) -> None:
    handled = rows.dead_letter("kitchen", redriven_at=rows.NOW)
    failed = rows.dead_letter("kitchen", redriven_at=rows.NOW)
    later = rows.dead_letter("kitchen", event_id=failed.event_id)
    for letter in (handled, failed):
        rows.inbox("kitchen", event_id=letter.event_id)
    found = fates("kitchen", [handled, failed, later])
    assert [found[letter.pk].name for letter in (handled, failed, later)] == [
        "handled",
        "failed_again",
        "waits",
    ]
    assert page(later) in boss.get(page(failed)).content.decode()


@pytest.mark.parametrize(
    ("model", "given", "query"),
    [
        ("outboxmessage", {"published_at": rows.NOW}, "published=yes"),
        ("outboxmessage", {"published_at": None}, "published=no"),
        ("deadletter", {"redriven_at": rows.NOW}, "state=redriven"),
        ("deadletter", {"redriven_at": None}, "state=waits"),
        ("deadletter", {"discarded_at": rows.NOW}, "state=discarded"),
        ("deadletter", {"discarded_at": None}, "state=waits"),
    ],
)
def test_it_filters_by_what_waits(
    model: str, given: dict[str, Any], query: str, boss: Client
) -> None:
    make = rows.outbox if model == "outboxmessage" else rows.dead_letter
    wanted = make("orders", **given)
    make("orders", **{name: None if value else rows.NOW for name, value in given.items()})
    answer = boss.get(reverse(f"admin:orders_{model}_changelist") + "?" + query)
    assert list(answer.context["cl"].queryset) == [wanted]
