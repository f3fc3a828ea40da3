"""Couriers' presses that are sent again with the same Idempotency-Key."""

from typing import Any

import pytest
from django.utils import timezone

from delivery.models import Courier, Delivery, KeptAnswer
from tests.delivery.ground import carriers, plan_one, sent_names, tick
from tests.delivery.test_devices import ME, WHY, courier_with_device, press

pytestmark = pytest.mark.django_db(databases=["delivery"])
REPLAYED = "Idempotent-Replayed"


def send(client: Any, delivery: Delivery, move: str, key: str, body: Any = None) -> Any:
    client.credentials(HTTP_IDEMPOTENCY_KEY=key)
    return press(client, delivery, move, body)


def test_it_answers_a_repeat_though_somebody_else_has_the_delivery_now() -> None:
    _ada, device = courier_with_device()
    delivery = plan_one()
    tick()
    assert send(device, delivery, "picked-up", "k1").status_code == 200
    failed = send(device, delivery, "failed", "k2")
    courier_with_device("Bob")
    tick(timezone.now())
    assert carriers() == ["Bob"]

    again = send(device, delivery, "failed", "k2")
    assert (again.status_code, again.content, again[REPLAYED]) == (200, failed.content, "true")
    assert send(device, delivery, "failed", "k3").status_code == 409
    assert Delivery.objects.get().attempt == 2
    assert sent_names() == ["OrderDispatched"]


def test_it_refuses_a_key_that_gave_another_reason() -> None:
    _ada, device = courier_with_device()
    delivery = plan_one()
    tick()
    send(device, delivery, "picked-up", "k1")
    assert send(device, delivery, "failed", "k2").status_code == 200
    other = send(device, delivery, "failed", "k2", {"reason": "it rained"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Delivery.objects.get().failure_reason == WHY["reason"]


def test_it_ends_a_shift_once() -> None:
    _ada, device = courier_with_device()
    device.credentials(HTTP_IDEMPOTENCY_KEY="k1")
    first, again = device.post(f"{ME}end-shift/"), device.post(f"{ME}end-shift/")
    assert (again.status_code, again.content) == (200, first.content)
    assert Courier.objects.get().on_shift is False
    device.credentials(HTTP_IDEMPOTENCY_KEY="a b")
    assert device.post(f"{ME}start-shift/").json()["code"] == "bad_idempotency_key"
    assert KeptAnswer.objects.count() == 1
