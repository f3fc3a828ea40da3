"""A courier's mode is changed: who takes the next steps of what they carry."""

from typing import Any

import pytest

from delivery import services
from delivery.models import Courier, Delivery
from tests.delivery.ground import (
    NOW,
    after,
    courier,
    notices,
    plan_many,
    plan_one,
    sent_names,
    statuses,
    tick,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=["delivery"])
LATER = after(20)
AUTOMATIC, MANUAL = Courier.Mode.AUTOMATIC, Courier.Mode.MANUAL


@pytest.fixture(autouse=True)
def _times(settings: Any) -> None:
    settings.DELIVERY_PICKUP_SECONDS = 120
    settings.DELIVERY_TRAVEL_SECONDS = 900


def set_mode(who: Courier, mode: str) -> None:
    who.mode = mode
    services.save_courier(who, changed=["mode"], now=LATER)


def due() -> list[Any]:
    return list(Delivery.objects.order_by("id").values_list("due_at", flat=True))


def carry_two(mode: str) -> tuple[Courier, list[int]]:
    """Have a courier on the road with the first of two deliveries, and about to leave with one."""
    ada = courier("Ada", mode=mode)
    plan_many(2)
    tick()
    keys = list(Delivery.objects.order_by("id").values_list("id", flat=True))
    services.pick_up(delivery_id=keys[0], now=NOW, by="Ana")
    return ada, keys


def test_it_leaves_to_people_what_a_courier_carries_who_becomes_manual() -> None:
    ada, keys = carry_two(AUTOMATIC)
    assert due() == [after(900), after(120)]
    set_mode(ada, MANUAL)

    assert due() == [None, None]
    tick(after(86400))
    assert statuses() == ["out_for_delivery", "assigned"]
    services.deliver(delivery_id=keys[0], now=LATER)
    assert statuses() == ["delivered", "assigned"]


def test_it_takes_over_what_a_courier_carries_who_becomes_automatic() -> None:
    ada, _keys = carry_two(MANUAL)
    assert due() == [None, None]
    set_mode(ada, AUTOMATIC)

    # For the whole time of the step from now.
    assert due() == [after(920), after(140)]
    tick(after(139))
    assert statuses() == ["out_for_delivery", "assigned"]
    tick(after(140))
    assert statuses() == ["out_for_delivery", "out_for_delivery"]
    tick(after(920))
    assert statuses() == ["delivered", "out_for_delivery"]


def test_it_shows_screens_what_changed_hands_and_still_names_who_moved_it() -> None:
    ada, keys = carry_two(MANUAL)
    Delivery.objects.filter(pk=keys[1]).update(status="delivered")
    told = sent_names()
    set_mode(ada, AUTOMATIC)

    first = Delivery.objects.get(pk=keys[0])
    assert (first.moved_by, first.moved_at, first.updated_at) == ("Ana", NOW, LATER)
    notice = notices()[-1]
    assert list(notice.order_ids) == [str(first.order_id)]
    assert list(notice.courier_ids) == [str(ada.pk)]
    assert due() == [after(920), None]
    assert sent_names() == told


def test_it_leaves_timers_alone_when_something_else_is_changed() -> None:
    ada, _keys = carry_two(AUTOMATIC)
    before = due()
    ada.name, ada.mode = "Ada L.", MANUAL
    services.save_courier(ada, changed=["name"], now=LATER)

    assert due() == before
    assert list(notices()[-1].order_ids) == []


def test_it_leaves_what_others_carry_to_them() -> None:
    ada, _keys = carry_two(MANUAL)
    bob = courier("Bob", mode=MANUAL)
    bobs = plan_one(3)
    services.assign(delivery_id=bobs.pk, courier_id=bob.pk, now=NOW)
    waiting = plan_one(4)
    set_mode(ada, AUTOMATIC)

    for delivery in (bobs, waiting):
        delivery.refresh_from_db()
        assert delivery.due_at is None


@pytest.mark.django_db(databases=["delivery"], transaction=True)
def test_it_forgets_no_delivery_that_moves_meanwhile() -> None:
    """Given or picked up, by hand or by the clock: each has the timer of the mode as it is."""
    ada = courier("Ada")
    plan_many(40)
    keys = list(Delivery.objects.order_by("id").values_list("id", flat=True))

    def assign_by_clock() -> None:
        for _ in range(10):
            tick(limit=3)

    def assign_and_pick_up() -> None:
        for key in keys[30:]:
            services.assign(delivery_id=key, courier_id=ada.pk, now=NOW)
            services.pick_up(delivery_id=key, now=NOW)

    def change() -> None:
        for mode in (MANUAL, AUTOMATIC) * 5 + (MANUAL,):
            set_mode(ada, mode)

    at_once(assign_by_clock, assign_and_pick_up, change)
    assert set(due()) == {None}
    assert statuses().count("out_for_delivery") == 10
