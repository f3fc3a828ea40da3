"""Whence an order came: kept with it for staff, told to nobody else, and erased in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.test import APIClient
from rest_framework.throttling import BaseThrottle

from orders import services, tasks
from orders.models import Order, OutboxMessage
from restaurant.addresses import client_address, normal_address
from tests.orders.people import post

pytestmark = [
    pytest.mark.django_db(databases=["orders"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]
ADDRESS = "203.0.113.7"


def test_it_is_kept_with_the_order_and_told_to_no_customer_and_no_service(api: APIClient) -> None:
    api.defaults["REMOTE_ADDR"] = ADDRESS
    body = post(api).json()
    order = Order.objects.get(public_id=body["id"])
    assert order.client_address == ADDRESS
    assert ADDRESS not in str(body)
    assert ADDRESS not in api.get(f"/api/v1/orders/{body['id']}/").content.decode()
    assert ADDRESS not in api.get("/api/v1/orders/").content.decode()
    assert ADDRESS.encode() not in bytes(OutboxMessage.objects.get().payload)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("::ffff:203.0.113.7", ADDRESS),
        ("2001:DB8::1", "2001:db8::1"),
        # A zone names the link of the machine that wrote it; no address type takes it.
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("not an address", None),
    ],
)
def test_it_is_in_its_one_form_and_never_in_an_orders_way(
    sent: str, kept: str | None, api: APIClient
) -> None:
    api.defaults["REMOTE_ADDR"] = sent
    assert post(api).status_code == 201
    assert Order.objects.get().client_address == kept


@pytest.mark.parametrize("proxies", [0, 1, 2, 5])
@pytest.mark.parametrize("forwarded", [None, "198.51.100.1", "198.51.100.1, 198.51.100.2 ,x"])
def test_it_is_the_address_that_throttles_go_by(
    proxies: int, forwarded: str | None, settings: Any
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=ADDRESS)
    assert client_address(request) == BaseThrottle().get_ident(Request(request))


def test_it_has_one_form_or_none() -> None:
    assert [normal_address(text) for text in ("::1%lo", "%", "")] == ["::1", None, None]


def test_it_is_erased_in_time(api: APIClient, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "CHUNK", 2)
    for _ in range(6):
        post(api)
    *old, young = Order.objects.order_by("pk")
    settings.CLIENT_ADDRESS_RETENTION = timedelta(days=30)
    long_ago = timezone.now() - timedelta(days=31)
    Order.objects.filter(pk__in=[order.pk for order in old]).update(created_at=long_ago)
    assert services.erase_client_addresses(placed_before=long_ago) == 0
    tasks.purge()
    known = Order.objects.filter(client_address__isnull=False)
    assert list(known) == [young]
    assert services.erase_client_addresses(placed_before=timezone.now()) == 1
