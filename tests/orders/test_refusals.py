"""Refused requests are counted by reason, and the count never stands in a request's way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections
from rest_framework.test import APIClient

from orders import refusals
from orders.models import Order, RefusalCount
from tests.servers.wait import wait_until

NOW = datetime(2026, 5, 4, 12, 7, 30, tzinfo=UTC)
URL = "/api/v1/orders/"
GOOD = {"sku": "MARGHERITA", "quantity": 1, "options": ["SIZE-M"]}

pytestmark = pytest.mark.django_db(databases=["default", "orders"])


@pytest.fixture(autouse=True)
def _none_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "_tally", refusals.Tally())


def counted() -> dict[str, int]:
    refusals.flush()
    return dict(RefusalCount.objects.values_list("code", "count"))


def body(*lines: Any, **fields: Any) -> dict[str, Any]:
    return {"lines": list(lines), "address": "12 Canal Street", **fields}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (body({"sku": "NOTHING", "quantity": 1}), "unknown_sku"),
        (body({**GOOD, "quantity": 100}), "out_of_range"),
        (body({**GOOD, "options": ["GOLD"]}), "unknown_option"),
        (body(GOOD, address=" "), "blank"),
        ({}, "required"),
        ("no JSON at all", "malformed"),
    ],
)
def test_it_counts_a_refused_request_by_its_first_reason(
    menu: None, api: APIClient, sent: Any, code: str
) -> None:
    if isinstance(sent, str):
        answer = api.post(URL, sent, content_type="application/json")
    else:
        answer = api.post(URL, sent, format="json")
    assert answer.status_code == 400
    assert counted() == {code: 1}
    assert not Order.objects.exists()


def test_it_counts_who_is_not_signed_in(menu: None) -> None:
    assert APIClient().post(URL, body(GOOD), format="json").status_code == 401
    assert counted() == {"not_authenticated": 1}


def test_it_counts_a_bad_key(menu: None, api: APIClient) -> None:
    answer = api.post(URL, body(GOOD), format="json", HTTP_IDEMPOTENCY_KEY="two words")
    assert answer.status_code == 400
    assert counted() == {"bad_idempotency_key": 1}


def test_it_counts_neither_what_is_taken_nor_other_requests(
    menu: None, placed_here: None, api: APIClient
) -> None:
    assert api.post(URL, body(GOOD), format="json").status_code == 201
    assert api.get(URL, {"status": "nonsense"}).status_code in (200, 400)
    assert APIClient().get(URL).status_code == 401
    assert counted() == {}


def test_it_counts_by_quarters_of_an_hour() -> None:
    tally = refusals.Tally()
    for minutes in (0, 1, 8):
        tally.add("blank", now=NOW + timedelta(minutes=minutes))
    tally.flush()
    rows = RefusalCount.objects.order_by("at").values_list("at", "count")
    assert list(rows) == [
        (NOW.replace(minute=0, second=0), 2),
        (NOW.replace(minute=15, second=0), 1),
    ]


def test_it_adds_to_what_other_processes_counted() -> None:
    for _ in range(2):
        tally = refusals.Tally()
        for _ in range(3):
            tally.add("blank", now=NOW)
        tally.flush()
        tally.flush()
    assert RefusalCount.objects.get().count == 6


def test_it_cuts_a_reason_that_does_not_fit() -> None:
    tally = refusals.Tally()
    tally.add("x" * 300, now=NOW)
    tally.flush()
    assert RefusalCount.objects.get().code == "x" * 50


def test_it_keeps_the_counts_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(counts: object) -> None:
        raise DatabaseError("away")

    tally = refusals.Tally()
    tally.add("blank", now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(refusals, "_write", away)
        patched.setattr(connections["orders"], "close", lambda: None)
        tally.flush()
    tally.add("blank", now=NOW)
    tally.flush()
    assert RefusalCount.objects.get().count == 2


def test_it_still_answers_when_the_count_fails(
    menu: None, api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "_write", lambda counts: 1 / 0)
    assert api.post(URL, {}, format="json").status_code == 400


@pytest.mark.django_db(databases=["default", "orders"], transaction=True)
def test_it_writes_by_itself_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(refusals, "FLUSH_SECONDS", 0.05)
    tally, written = refusals.Tally(), list[int]()
    write = refusals._write

    def write_and_tell(counts: Any) -> None:
        write(counts)
        written.append(counts.total())

    monkeypatch.setattr(refusals, "_write", write_and_tell)
    for _ in range(5):
        tally.add("blank", now=NOW)
    # At once or, where this thread was held up meanwhile, in several goes.
    wait_until(lambda: sum(written) == 5, seconds=30)
    assert RefusalCount.objects.get().count == 5
