"""Filters by time that ids narrow: they find what the time alone would find, by an index."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from orders.models import RefusalCount
from restaurant.ids import APART
from tests.staff import rows
from tests.staff.random_books import id_of

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
ORDERS = "admin:orders_order_changelist"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


@pytest.fixture(autouse=True)
def _utc(settings: Any) -> None:
    settings.TIME_ZONE = "UTC"


def between(field: str, start: datetime, end: datetime) -> dict[str, str]:
    ends = {"from": start, "to": end}
    query: dict[str, str] = {}
    for name, moment in ends.items():
        date, _, time = f"{moment:%Y-%m-%d %H:%M:%S}".partition(" ")
        query |= {f"{field}_{name}_0": date, f"{field}_{name}_1": time}
    return query


def found(client: Client, name: str, query: dict[str, str]) -> list[Any]:
    return list(client.get(reverse(name), query).context["cl"].queryset)


def test_it_finds_what_the_time_alone_finds(client: Client) -> None:
    chance = Random(3)
    made = []
    for i in range(60):
        at = NOON + timedelta(hours=chance.uniform(-72, 72))
        # An id is made somewhat before its order, or by a clock that is somewhat ahead.
        apart = APART * chance.uniform(-0.99, 0.99)
        made.append(rows.order(i, created_at=at, public_id=id_of(at + apart, chance)))
    start, end = NOON - DAY, NOON + DAY
    wanted = {one.pk for one in made if start <= one.created_at <= end}
    shown = found(client, ORDERS, between("created_at", start, end))
    assert {one.pk for one in shown} == wanted
    assert 0 < len(wanted) < len(made)
    assert shown == sorted(shown, key=lambda one: one.public_id, reverse=True)


def test_it_leaves_rows_out_that_are_within_by_id_alone(client: Client) -> None:
    inside = rows.order(0, created_at=NOON, public_id=id_of(NOON, Random(1)))
    outside = NOON - DAY - timedelta(seconds=1)
    rows.order(1, created_at=outside, public_id=id_of(outside, Random(2)))
    assert found(client, ORDERS, between("created_at", NOON - DAY, NOON + DAY)) == [inside]


def test_it_takes_a_day_without_a_time_as_a_whole(client: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    # 5:45 hours ahead of UTC: the fourth of May there.
    start = datetime(2026, 5, 3, 18, 15, tzinfo=UTC)
    for name, field in ((ORDERS, "created_at"), ("admin:orders_refusalcount_changelist", "at")):
        made = [
            _at(name, i, start + shift)
            for i, shift in enumerate((timedelta(0), DAY / 2, DAY - SECOND, -SECOND, DAY))
        ]
        day = {f"{field}_from_0": "2026-05-04", f"{field}_to_0": "2026-05-04"}
        assert {one.pk for one in found(client, name, day)} == {one.pk for one in made[:3]}


def _at(name: str, i: int, at: datetime) -> Any:
    if name == ORDERS:
        return rows.order(i, created_at=at, public_id=id_of(at, Random(i)))
    return RefusalCount.objects.create(at=at, code="blank", count=1)


def test_it_looks_by_the_ids(client: Client) -> None:
    query = between("created_at", NOON - DAY, NOON)
    sql = str(client.get(reverse(ORDERS), query).context["cl"].queryset.query)
    assert sql.count("public_id") > 2


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=13)])
def test_it_finds_what_a_service_was_told_late(client: Client, late: timedelta) -> None:
    at = NOON - late
    order = rows.kitchen_order(1, created_at=NOON, order_id=id_of(at, Random(1)))
    ticket = rows.ticket(1, of=order, queued_at=NOON)
    hour = timedelta(hours=1)
    name = "admin:kitchen_kitchenorder_changelist"
    assert found(client, name, between("created_at", NOON - hour, NOON + hour)) == [order]
    name = "admin:kitchen_ticket_changelist"
    assert found(client, name, between("queued_at", NOON - hour, NOON + hour)) == [ticket]
    assert found(client, name, between("queued_at", NOON + hour, NOON + DAY)) == []


def test_it_finds_what_was_handled_long_after_it_happened(client: Client) -> None:
    note = rows.inbox("orders", event_id=id_of(NOON - 300 * DAY, Random(1)), handled_at=NOON)
    name = "admin:orders_inboxmessage_changelist"
    assert found(client, name, between("handled_at", NOON - DAY, NOON + DAY)) == [note]


@pytest.mark.parametrize(
    "query",
    [
        {"created_at_from_0": "2026-05-04"},
        {"created_at_from_0": "nonsense", "created_at_from_1": "12:00:00"},
        {"created_at_from_0": "0001-01-01", "created_at_from_1": "00:00:00"},
        {"created_at_to_0": "9999-12-31", "created_at_to_1": "23:59:59"},
    ],
)
def test_it_opens_whatever_was_typed_in(client: Client, query: dict[str, str]) -> None:
    order = rows.order(0, created_at=NOON, public_id=id_of(NOON, Random(1)))
    assert found(client, ORDERS, query) == [order]
