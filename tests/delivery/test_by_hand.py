"""What staff and couriers do, and what they are refused."""

from collections.abc import Callable
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from delivery import services
from delivery.errors import (
    CourierUnavailable,
    IllegalTransition,
    UnknownCourier,
    UnknownDelivery,
)
from delivery.models import Courier, Delivery, OutboxMessage
from tests.delivery.ground import (
    NOW,
    after,
    carriers,
    courier,
    plan_many,
    plan_one,
    sent,
    sent_names,
    statuses,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["delivery"])
LATER = after(5)
STATUSES = ["awaiting_courier", "assigned", "out_for_delivery", "delivered", "failed", "cancelled"]


def assign_to_new(*, delivery_id: int, now: Any) -> None:
    services.assign(delivery_id=delivery_id, courier_id=courier("New").pk, now=now)


def fail(*, delivery_id: int, now: Any) -> None:
    services.fail(delivery_id=delivery_id, reason="wrong address", now=now)


def cancel(*, delivery_id: int, now: Any) -> None:
    services.cancel(delivery_id=delivery_id, reason="spilled", now=now)


def unassign(*, delivery_id: int, now: Any) -> None:
    services.unassign(delivery_id=delivery_id, now=now, by="Ana")


ACTIONS: dict[str, Callable[..., None]] = {
    "assign": assign_to_new,
    "pick_up": services.pick_up,
    "deliver": services.deliver,
    "fail": fail,
    "cancel": cancel,
    "unassign": unassign,
    "release": services.release,
}
LEGAL = {
    ("assign", "awaiting_courier"),
    ("assign", "assigned"),
    ("pick_up", "assigned"),
    ("deliver", "out_for_delivery"),
    ("fail", "out_for_delivery"),
    ("unassign", "assigned"),
    ("cancel", "awaiting_courier"),
    ("cancel", "assigned"),
    ("cancel", "out_for_delivery"),
}


@pytest.fixture
def ada() -> Courier:
    return courier("Ada", mode=Courier.Mode.MANUAL)


def delivery_that_is(status: str) -> Delivery:
    delivery = plan_one()
    key: dict[str, Any] = {"delivery_id": delivery.pk, "now": NOW}
    if status not in ("awaiting_courier", "cancelled"):
        tick()
    if status in ("out_for_delivery", "delivered", "failed"):
        services.pick_up(**key)
    if status == "delivered":
        services.deliver(**key)
    if status == "failed":
        fail(**key)
        tick()
        services.pick_up(**key)
        fail(**key)
    if status == "cancelled":
        cancel(**key)
    delivery.refresh_from_db()
    assert delivery.status == status
    return delivery


def everything() -> list[Any]:
    return [list(Delivery.objects.order_by("id").values()), OutboxMessage.objects.count()]


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", ACTIONS)
def test_it_allows_what_is_legal_and_changes_nothing_otherwise(action: str, status: str) -> None:
    delivery = delivery_that_is(status)
    before = everything()
    if (action, status) in LEGAL:
        ACTIONS[action](delivery_id=delivery.pk, now=LATER)
        assert everything() != before
    else:
        with pytest.raises(IllegalTransition):
            ACTIONS[action](delivery_id=delivery.pk, now=LATER)
        assert everything() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_it_knows_only_deliveries_that_exist(action: str) -> None:
    with pytest.raises(UnknownDelivery):
        ACTIONS[action](delivery_id=404, now=NOW)


@pytest.mark.usefixtures("ada")
def test_it_marks_each_step_with_its_time() -> None:
    delivery = delivery_that_is("assigned")
    services.pick_up(delivery_id=delivery.pk, now=after(60))
    services.deliver(delivery_id=delivery.pk, now=after(120))

    delivery.refresh_from_db()
    assert (delivery.dispatched_at, delivery.delivered_at) == (after(60), after(120))
    assert sent_names() == ["OrderDispatched", "OrderDelivered"]


@pytest.mark.usefixtures("ada")
def test_it_tries_again_once_and_then_ends() -> None:
    delivery = delivery_that_is("out_for_delivery")
    fail(delivery_id=delivery.pk, now=LATER)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt) == ("awaiting_courier", 2)
    assert (delivery.failure_reason, delivery.waiting_since) == ("wrong address", LATER)
    assert sent_names() == ["OrderDispatched"]

    tick(LATER)
    services.pick_up(delivery_id=delivery.pk, now=LATER)
    fail(delivery_id=delivery.pk, now=LATER)
    assert statuses() == ["failed"]
    assert (sent()[-1].reason, sent()[-1].attempts) == ("wrong address", 2)


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("status", ["awaiting_courier", "assigned", "out_for_delivery"])
def test_it_ends_the_order_when_a_delivery_is_given_up(status: str) -> None:
    delivery = delivery_that_is(status)
    cancel(delivery_id=delivery.pk, now=LATER)

    assert statuses() == ["cancelled"]
    message = sent()[-1]
    assert (type(message).__name__, message.reason) == ("OrderDeliveryFailed", "spilled")
    assert tick(after(86400)) == 0


def test_it_assigns_past_the_queue() -> None:
    ada = courier("Ada", on_shift=False)
    plan_many(2)
    last = Delivery.objects.get(number=2)
    services.start_shift(courier_id=ada.pk, now=NOW)
    services.assign(delivery_id=last.pk, courier_id=ada.pk, now=LATER)

    assert carriers() == [None, "Ada"]
    last.refresh_from_db()
    assert (last.assigned_at, last.waiting_since) == (LATER, None)
    assert last.due_at is not None


def test_it_gives_a_delivery_to_somebody_else() -> None:
    courier("Ada", mode=Courier.Mode.MANUAL)
    delivery = plan_one()
    tick()
    bob = courier("Bob")
    services.assign(delivery_id=delivery.pk, courier_id=bob.pk, now=LATER)

    assert carriers() == ["Bob"]
    with pytest.raises(IllegalTransition):
        services.assign(delivery_id=delivery.pk, courier_id=bob.pk, now=after(10))
    delivery.refresh_from_db()
    assert delivery.assigned_at == LATER


def test_it_gives_nothing_to_who_cannot_take_it() -> None:
    away = courier("Away", on_shift=False)
    full = courier("Full", load_limit=1)
    plan_many(2)
    tick()
    waiting = Delivery.objects.get(status="awaiting_courier")
    for who in (away, full):
        with pytest.raises(CourierUnavailable):
            services.assign(delivery_id=waiting.pk, courier_id=who.pk, now=LATER)
    with pytest.raises(UnknownCourier):
        services.assign(delivery_id=waiting.pk, courier_id=uuid7(), now=LATER)

    assert carriers() == ["Full", None]


def test_it_starts_a_shift() -> None:
    ada = courier("Ada", on_shift=False)
    plan_one()
    assert tick() == 0
    services.start_shift(courier_id=ada.pk, now=NOW)
    tick()

    assert carriers() == ["Ada"]


def test_it_ends_a_shift_and_frees_what_is_not_picked_up() -> None:
    ada = courier("Ada")
    plan_many(2)
    tick()
    services.pick_up(delivery_id=Delivery.objects.get(number=1).pk, now=NOW)

    freed = Delivery.objects.get(number=2)
    assert services.end_shift(courier_id=ada.pk, now=LATER) == [freed.pk]
    assert statuses() == ["out_for_delivery", "awaiting_courier"]
    freed.refresh_from_db()
    assert (freed.courier, freed.due_at, freed.waiting_since) == (None, None, LATER)
    assert freed.attempt == 1

    tick(after(86400))
    assert statuses() == ["delivered", "awaiting_courier"]


def test_it_knows_only_couriers_that_exist() -> None:
    with pytest.raises(UnknownCourier):
        services.start_shift(courier_id=uuid7(), now=NOW)
    with pytest.raises(UnknownCourier):
        services.end_shift(courier_id=uuid7(), now=NOW)
