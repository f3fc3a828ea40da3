"""Couriers and dispatch at the same time, each with a database connection of their own."""

from uuid import UUID

import pytest
from rest_framework.test import APIClient

from delivery import services
from delivery.errors import IllegalTransition
from delivery.models import Delivery, TrailEntry
from tests.delivery.ground import NOW, plan_many, sent_names, tick
from tests.delivery.test_api import client_with
from tests.delivery.test_devices import DELIVERIES, courier_with_device
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=["delivery"], transaction=True)
COUNT = 20
Answers = list[tuple[UUID, int]]


def press_all(client: APIClient, orders: list[UUID], move: str, answers: Answers) -> None:
    for order_id in orders:
        response = client.post(f"{DELIVERIES}{order_id}/{move}/")
        answers.append((order_id, response.status_code))


def assigned() -> list[UUID]:
    plan_many(COUNT)
    tick()
    return list(Delivery.objects.filter(status="assigned").values_list("order_id", flat=True))


def test_a_courier_and_dispatch_press_and_one_of_them_wins() -> None:
    _ada, device = courier_with_device()
    dispatch, orders = client_with("delivery.change_delivery"), assigned()
    answers: Answers = []

    at_once(
        lambda: press_all(device, orders, "picked-up", answers),
        lambda: press_all(dispatch, orders, "picked-up", answers),
    )

    assert sorted(answers) == sorted([(o, 200) for o in orders] + [(o, 409) for o in orders])
    assert sent_names() == ["OrderDispatched"] * COUNT
    assert TrailEntry.objects.count() == COUNT


def test_a_delivery_that_is_given_away_meanwhile_is_picked_up_by_one_or_not_found() -> None:
    _ada, device = courier_with_device()
    orders, answers = assigned(), Answers()
    bob, _other = courier_with_device("Bob")

    def give_away() -> None:
        for delivery in Delivery.objects.order_by("id"):
            try:
                services.assign(delivery_id=delivery.pk, courier_id=bob.pk, now=NOW, by="Dora")
            except IllegalTransition:
                continue

    at_once(lambda: press_all(device, orders, "picked-up", answers), give_away)

    for order_id, status in answers:
        delivery = Delivery.objects.select_related("courier").get(order_id=order_id)
        name = delivery.courier.name if delivery.courier else ""
        expected = ("Ada", "out_for_delivery") if status == 200 else ("Bob", "assigned")
        assert (name, delivery.status) == expected, status
    assert {status for _order, status in answers} <= {200, 404}
