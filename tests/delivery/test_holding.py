"""Taking back and judging on the truth: what the timer leaves to staff, and who was first."""

from typing import Any

import pytest
from django.db import connections

from delivery import services
from delivery.errors import IllegalTransition, Overtaken, UnknownDelivery
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
    statuses,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["delivery"])
LATER = after(5)


@pytest.fixture
def ada() -> Courier:
    return courier("Ada", mode=Courier.Mode.MANUAL)


@pytest.fixture
def held(ada: Courier) -> Delivery:
    """A delivery that Ana has taken back from Ada."""
    delivery = plan_one()
    tick()
    services.unassign(delivery_id=delivery.pk, now=LATER, by="Ana")
    delivery.refresh_from_db()
    return delivery


def everything() -> list[Any]:
    return [list(Delivery.objects.order_by("id").values()), OutboxMessage.objects.count()]


def test_it_has_what_was_taken_back_wait_for_staff(held: Delivery) -> None:
    assert (held.status, held.courier, held.held_by) == ("awaiting_courier", None, "Ana")
    assert (held.waiting_since, held.assigned_at, held.due_at) == (LATER, None, None)
    assert (held.attempt, held.standing_since) == (1, NOW)
    assert held.is_held

    assert tick(after(3600)) == 0
    assert statuses() == ["awaiting_courier"]


def test_it_assigns_by_the_timer_past_what_is_held(held: Delivery) -> None:
    plan(cooked(2))
    tick(LATER)

    assert carriers() == [None, "Ada"]


def test_it_lets_staff_assign_what_is_held(held: Delivery, ada: Courier) -> None:
    services.assign(
        delivery_id=held.pk, courier_id=ada.pk, now=LATER, by="Ben", seen_courier_id=None
    )

    held.refresh_from_db()
    assert (held.courier, held.held_by, held.moved_by) == (ada, "", "Ben")


def test_it_gives_a_released_one_to_the_timer(held: Delivery) -> None:
    services.release(delivery_id=held.pk, now=LATER, by="Ben")
    held.refresh_from_db()
    assert (held.status, held.held_by, held.waiting_since) == ("awaiting_courier", "", LATER)

    assert tick(LATER) == 1
    assert carriers() == ["Ada"]


def test_it_releases_only_what_is_held(held: Delivery) -> None:
    services.release(delivery_id=held.pk, now=LATER)
    before = everything()
    with pytest.raises(IllegalTransition):
        services.release(delivery_id=held.pk, now=LATER)
    with pytest.raises(UnknownDelivery):
        services.release(delivery_id=404, now=LATER)
    assert everything() == before


def test_it_takes_back_nothing_that_is_on_the_road(ada: Courier) -> None:
    delivery = plan_one()
    tick()
    services.pick_up(delivery_id=delivery.pk, now=NOW)
    before = everything()
    with pytest.raises(IllegalTransition):
        services.unassign(delivery_id=delivery.pk, now=LATER, by="Ana")
    assert everything() == before


def test_it_gives_up_what_is_held(held: Delivery) -> None:
    services.cancel(delivery_id=held.pk, reason="closing", now=LATER, by="Ben")
    held.refresh_from_db()
    assert (held.status, held.held_by) == ("cancelled", "")


@pytest.mark.parametrize("name", ["assign", "unassign", "pick_up", "deliver", "fail", "cancel"])
def test_it_judges_an_old_picture_on_the_truth(name: str, ada: Courier) -> None:
    bob, kim = courier("Bob", mode=Courier.Mode.MANUAL), courier("Kim")
    delivery = plan_one()
    services.assign(delivery_id=delivery.pk, courier_id=bob.pk, now=NOW, by="Ana")
    if name in ("deliver", "fail"):
        services.pick_up(delivery_id=delivery.pk, now=NOW)
    needs: dict[str, dict[str, Any]] = {
        "assign": {"courier_id": kim.pk},
        "fail": {"reason": "why"},
        "cancel": {"reason": "why"},
    }
    more = needs.get(name, {})
    before = everything()
    for seen in (None, ada.pk):
        with pytest.raises(Overtaken):
            getattr(services, name)(
                delivery_id=delivery.pk, now=LATER, by="Ben", seen_courier_id=seen, **more
            )
        assert everything() == before
    getattr(services, name)(
        delivery_id=delivery.pk, now=LATER, by="Ben", seen_courier_id=bob.pk, **more
    )
    assert everything() != before


def test_it_gives_a_delivery_to_the_first_of_two_who_saw_it_wait(ada: Courier) -> None:
    bob = courier("Bob")
    delivery = plan_one()
    hand: dict[str, Any] = {"delivery_id": delivery.pk, "seen_courier_id": None}
    services.assign(**hand, courier_id=bob.pk, now=NOW, by="Ana")
    with pytest.raises(Overtaken):
        services.assign(**hand, courier_id=ada.pk, now=LATER, by="Ben")

    delivery.refresh_from_db()
    assert (delivery.courier, delivery.moved_by, delivery.moved_at) == (bob, "Ana", NOW)


def test_it_says_how_long_a_second_try_has_stood(ada: Courier) -> None:
    delivery = plan_one()
    tick()
    services.pick_up(delivery_id=delivery.pk, now=after(60))
    delivery.refresh_from_db()
    assert delivery.standing_since == NOW
    services.fail(delivery_id=delivery.pk, reason="nobody home", now=after(600))

    delivery.refresh_from_db()
    assert delivery.standing_since == after(600)


def test_it_finds_the_queue_by_its_index() -> None:
    """With many delivered, and with values unknown to the plan."""
    courier("Ada")
    plan_many(3000)
    Delivery.objects.filter(number__gt=3).update(
        status="delivered", waiting_since=None, courier=Courier.objects.get()
    )
    connection = connections["delivery"]
    queue = Delivery.objects.filter(waiting_since__isnull=False, held_by="").order_by("id")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE delivery_delivery")
        plan_text = queue[:10].explain()
    assert "delivery_delivery_waiting" in plan_text
