"""Asking to cancel an order."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from orders.models import Order, OutboxMessage, TimelineEntry
from proto import orders_pb2
from tests.orders.people import client_of, post, user
from tests.orders.test_projection import (
    CANCEL_REJECTED,
    CANCELLED,
    COOKED,
    DELIVERED,
    DISPATCHED,
    FAILED,
    REJECTED,
    apply,
    event,
)

pytestmark = [
    pytest.mark.django_db(databases=["orders"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]


@pytest.fixture
def url(api: APIClient) -> str:
    return f"{post(api, **{'X-Request-ID': 'first-request'})['Location']}cancel/"


def requests_sent() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(topic="order_cancel_requested"))


def test_it_asks_the_kitchen_and_shows_that_it_did(api: APIClient, url: str, customer: TokenUser):
    response = api.post(url, {"reason": "too hungry"}, format="json")
    assert response.status_code == 202
    body = response.json()
    assert (body["status"], body["cancel_requested"]) == ("placed", True)
    order = Order.objects.get()
    assert (order.cancel_requested, order.version) == (True, 2)
    (row,) = requests_sent()
    sent = orders_pb2.OrderCancelRequested.FromString(bytes(row.payload))
    assert (sent.order_id, sent.reason) == (str(order.public_id), "too hungry")
    assert sent.requested_by == str(customer.id)
    assert row.correlation_id == "first-request"
    entry = TimelineEntry.objects.get(type="order_cancel_requested")
    assert (entry.event_id, entry.detail) == (row.event_id, {"reason": "too hungry"})


@pytest.mark.parametrize("sent", [{}, {"data": {}, "format": "json"}])
def test_it_needs_no_reason(api: APIClient, url: str, sent: Any):
    assert api.post(url, **sent).status_code == 202


def test_asking_again_changes_nothing(api: APIClient, url: str):
    first, again = api.post(url), api.post(url)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.content == again.content
    assert len(requests_sent()) == 1


def test_it_may_be_asked_again_after_a_refusal(api: APIClient, url: str):
    api.post(url)
    apply(event(CANCEL_REJECTED, Order.objects.get(), reason="already cooked"))
    assert api.post(url).status_code == 202
    assert len(requests_sent()) == 2


@pytest.mark.parametrize("is_asked", [False, True], ids=["first", "again"])
@pytest.mark.parametrize(
    ("kind", "code", "detail"),
    [
        (COOKED, "order_cooked", "Too late: the order is cooked."),
        (DISPATCHED, "order_cooked", "Too late: the order is out for delivery."),
        (DELIVERED, "order_ended", "Too late: the order is delivered."),
        (REJECTED, "order_ended", "Too late: the order is rejected."),
        (FAILED, "order_ended", "Too late: the order is delivery failed."),
    ],
)
def test_it_is_409_when_it_is_known_to_be_too_late(
    api: APIClient, url: str, kind: Any, code: str, detail: str, is_asked: bool
):
    if is_asked:
        api.post(url)
    apply(event(kind, Order.objects.get()))
    before = Order.objects.values().get(), TimelineEntry.objects.count(), len(requests_sent())
    response = api.post(url)
    assert (response.status_code, response.json()["code"]) == (409, code)
    assert response.json()["detail"].startswith(detail)
    after = Order.objects.values().get(), TimelineEntry.objects.count(), len(requests_sent())
    assert after == before


@pytest.mark.parametrize("is_asked", [False, True], ids=["by the kitchen", "as asked"])
def test_a_cancelled_order_is_as_was_wished(api: APIClient, url: str, is_asked: bool):
    if is_asked:
        api.post(url)
    apply(event(CANCELLED, Order.objects.get(), reason="no gas"))
    before = Order.objects.values().get(), TimelineEntry.objects.count(), len(requests_sent())
    response = api.post(url)
    assert response.status_code == 202
    assert (response.json()["status"], response.json()["cancel_requested"]) == (
        "cancelled",
        is_asked,
    )
    after = Order.objects.values().get(), TimelineEntry.objects.count(), len(requests_sent())
    assert after == before


def test_a_foreign_order_is_404(url: str):
    assert client_of(user()).post(url).status_code == 404
    assert not requests_sent()


def test_staff_who_only_look_may_not(url: str):
    assert client_of(user("orders.view_order")).post(url).status_code == 403
    assert not requests_sent()


def test_staff_with_the_right_may_for_a_customer(url: str):
    staff = user("orders.view_order", "orders.change_order")
    assert client_of(staff).post(url).status_code == 202
    sent = orders_pb2.OrderCancelRequested.FromString(bytes(requests_sent()[0].payload))
    assert sent.requested_by == str(staff.id)


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "malformed"), (b'{"reason": 3}', "invalid"), (b'{"why": "x"}', "invalid")],
)
def test_it_refuses_what_it_cannot_read(api: APIClient, url: str, body: bytes, code: str):
    response = api.post(url, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not requests_sent()


def test_it_refuses_text_that_cannot_be_shown(api: APIClient, url: str):
    response = api.post(url, {"reason": "a\x00"}, format="json")
    assert response.json()["errors"][0]["pointer"] == "/reason"
    assert not requests_sent()
