"""Driving by the clock."""

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from delivery.models import Courier, Delivery, OutboxMessage
from tests.delivery.ground import (
    NOW,
    after,
    carriers,
    cooked,
    courier,
    plan,
    plan_many,
    plan_one,
    sent,
    sent_names,
    statuses,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["delivery"])


@pytest.fixture(autouse=True)
def _times(settings: Any) -> None:
    settings.DELIVERY_PICKUP_SECONDS = 120
    settings.DELIVERY_TRAVEL_SECONDS = 900


@pytest.fixture
def without_time(settings: Any) -> None:
    settings.DELIVERY_PICKUP_SECONDS = settings.DELIVERY_TRAVEL_SECONDS = 0


@pytest.fixture
def failing(settings: Any) -> None:
    """Drives fail with `chance` 0, and succeed with 1."""
    settings.DELIVERY_FAILURE_RATE = 0.5


def test_it_goes_from_the_pass_to_the_door() -> None:
    ada = courier("Ada")
    delivery = plan_one()
    tick()
    tick(after(120))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.dispatched_at) == ("out_for_delivery", after(120))

    tick(after(1020))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.delivered_at) == ("delivered", after(1020))
    assert delivery.due_at is None
    dispatched, delivered = sent()
    assert type(dispatched).__name__ == "OrderDispatched"
    assert dispatched.order_id == delivered.order_id == str(delivery.order_id)
    assert (dispatched.courier_id, dispatched.courier_name) == (str(ada.pk), "Ada")
    assert dispatched.eta.ToDatetime(NOW.tzinfo) == after(1020)
    assert dispatched.dispatched_at.ToDatetime(NOW.tzinfo) == after(120)
    assert type(delivered).__name__ == "OrderDelivered"
    assert (delivered.courier_id, delivered.attempt) == (str(ada.pk), 1)
    assert delivered.delivered_at.ToDatetime(NOW.tzinfo) == after(1020)


def test_it_never_goes_early() -> None:
    courier()
    plan_one()
    tick()
    assert tick(after(119.999999)) == 0
    assert statuses() == ["assigned"]
    tick(after(120))
    assert tick(after(1019.999999)) == 0
    assert statuses() == ["out_for_delivery"]
    assert sent_names() == ["OrderDispatched"]


def test_it_divides_times_by_the_simulations_speed(settings: Any) -> None:
    settings.SIMULATION_SPEED = 60
    courier()
    delivery = plan_one()
    tick()
    delivery.refresh_from_db()
    assert delivery.due_at == after(2)
    tick(after(2))
    delivery.refresh_from_db()
    assert delivery.due_at == after(17)


@pytest.mark.usefixtures("without_time")
def test_it_does_all_in_one_tick_when_nothing_takes_time() -> None:
    courier()
    plan_one()

    assert tick() == 3
    assert statuses() == ["delivered"]
    assert sent_names() == ["OrderDispatched", "OrderDelivered"]


@pytest.mark.usefixtures("failing")
def test_it_tries_again_with_another_courier() -> None:
    courier("Ada")
    delivery = plan_one()
    tick()
    tick(after(120))
    courier("Bob")
    plan(cooked(2))
    tick(after(120))
    tick(after(120 + 900), chance=0.0)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt) == ("assigned", 2)
    assert (delivery.failed_at, delivery.failure_reason) == (after(1020), "nobody opened the door")
    assert carriers()[0] == "Bob"
    assert "OrderDeliveryFailed" not in sent_names()

    tick(after(1140))
    tick(after(2040))
    assert statuses()[0] == "delivered"
    dispatched = [m for m in sent() if m.order_id == str(delivery.order_id)]
    assert [m.attempt for m in dispatched] == [1, 2, 2]


@pytest.mark.usefixtures("failing", "without_time")
def test_it_tries_again_with_the_same_when_alone() -> None:
    courier("Ada")
    plan_one()
    tick(limit=3, chance=0.0)
    assert statuses() == ["awaiting_courier"]
    tick(limit=1)

    assert (carriers(), statuses()) == (["Ada"], ["assigned"])


@pytest.mark.usefixtures("failing", "without_time")
def test_it_gives_up_after_the_second_failure() -> None:
    courier("Ada")
    courier("Bob")
    plan_one()
    while tick(chance=0.0):
        pass

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempt, delivery.due_at) == ("failed", 2, None)
    assert sent_names() == ["OrderDispatched", "OrderDispatched", "OrderDeliveryFailed"]
    message = sent()[-1]
    assert (message.attempts, message.reason) == (2, "nobody opened the door")


@pytest.mark.usefixtures("without_time")
def test_it_never_fails_at_a_rate_of_zero() -> None:
    courier()
    plan_many(20)
    tick(chance=0.0)

    assert statuses() == ["delivered"] * 20


def test_it_leaves_a_manual_couriers_steps_to_people() -> None:
    courier(mode=Courier.Mode.MANUAL)
    delivery = plan_one()
    tick()
    assert tick(after(86400)) == 0

    delivery.refresh_from_db()
    assert (delivery.status, delivery.due_at) == ("assigned", None)


@pytest.mark.usefixtures("without_time")
def test_it_heeds_the_limit() -> None:
    courier()
    plan_many(10)

    assert tick(limit=4) == 4
    assert statuses().count("assigned") == 4


@pytest.mark.usefixtures("without_time", "failing")
def test_it_asks_the_database_as_often_for_a_thousand_as_for_one() -> None:
    courier("Ada")
    courier("Bob")

    def cost(count: int) -> int:
        plan_many(count)
        with CaptureQueriesContext(connections["delivery"]) as queries:
            tick(limit=100_000)
        return len(queries)

    assert cost(1) == cost(1000)
    assert statuses() == ["delivered"] * 1001


@pytest.mark.usefixtures("without_time")
def test_it_carries_the_correlation_id_on() -> None:
    courier()
    plan_one()
    tick()

    events = OutboxMessage.objects.exclude(topic="delivery_changed")
    ids = events.values_list("correlation_id", flat=True)
    assert list(ids) == ["request-1", "request-1"]
