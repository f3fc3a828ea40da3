"""Who is here: shifts, what their end frees and its undoing, and when couriers are back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from delivery import services
from delivery.errors import ShiftUnchanged, UnknownCourier
from delivery.models import Courier, Delivery, OutboxMessage
from tests.delivery.ground import (
    NOW,
    after,
    carriers,
    courier,
    plan_many,
    plan_one,
    statuses,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["delivery"])
LATER = after(5)


@pytest.fixture(autouse=True)
def _times(settings: Any) -> None:
    settings.DELIVERY_TRAVEL_SECONDS = 900
    settings.SIMULATION_SPEED = 9


@pytest.fixture
def ada() -> Courier:
    return courier("Ada", mode=Courier.Mode.MANUAL)


def keys() -> list[int]:
    return list(Delivery.objects.order_by("id").values_list("id", flat=True))


def end_shift_of(who: Courier, by: str = "Ana") -> list[int]:
    return services.end_shift(courier_id=who.pk, now=LATER, by=by)


def everything() -> list[Any]:
    rows = [list(model.objects.order_by("pk").values()) for model in (Delivery, Courier)]
    return [*rows, OutboxMessage.objects.count()]


def test_it_changes_a_shift_once(ada: Courier) -> None:
    for change, wanted in ((services.start_shift, True), (services.end_shift, False)):
        Courier.objects.update(on_shift=wanted)
        before = everything()
        with pytest.raises(ShiftUnchanged):
            change(courier_id=ada.pk, now=NOW, by="Ben")
        assert everything() == before
    Courier.objects.update(on_shift=True)
    with pytest.raises(ShiftUnchanged):
        services.undo_end_shift(courier_id=ada.pk, freed=[], now=NOW)
    with pytest.raises(UnknownCourier):
        services.undo_end_shift(courier_id=uuid7(), freed=[], now=NOW)


def test_it_undoes_the_end_of_a_shift(ada: Courier) -> None:
    plan_many(3)
    tick()
    services.pick_up(delivery_id=keys()[0], now=NOW)
    freed = end_shift_of(ada)
    assert freed == keys()[1:]
    assert services.undo_end_shift(courier_id=ada.pk, freed=freed, now=after(8), by="Ana") == 2

    ada.refresh_from_db()
    assert (ada.on_shift, ada.shift_changed_by, ada.shift_changed_at) == (True, "Ana", after(8))
    assert carriers() == ["Ada"] * 3
    assert statuses() == ["out_for_delivery", "assigned", "assigned"]


def test_it_takes_back_from_the_timer_and_from_nobody_else(ada: Courier) -> None:
    plan_many(4)
    tick()
    freed = end_shift_of(ada)
    bob = courier("Bob", mode=Courier.Mode.MANUAL)
    first, second, third, _fourth = freed
    services.assign(delivery_id=first, courier_id=bob.pk, now=after(6), by="Ben")
    services.cancel(delivery_id=second, reason="spilled", now=after(6), by="Ben")
    tick(after(6))
    services.pick_up(delivery_id=third, now=after(7), by="Bob")

    assert services.undo_end_shift(courier_id=ada.pk, freed=freed, now=after(8)) == 1
    assert carriers() == ["Bob", None, "Bob", "Ada"]
    assert statuses() == ["assigned", "cancelled", "out_for_delivery", "assigned"]


def test_it_leaves_what_waits_since_later_to_the_next_turn(ada: Courier) -> None:
    plan_one()
    tick()
    freed = end_shift_of(ada)
    courier("Bob", mode=Courier.Mode.MANUAL)
    # Its `now` was read before the shift ended, and its rows after that.
    assert tick(after(4)) == 0
    assert carriers() == [None]
    assert tick(after(5)) == 1
    assert services.undo_end_shift(courier_id=ada.pk, freed=freed, now=after(8)) == 1
    assert carriers() == ["Ada"]


def test_it_gives_back_only_what_the_end_freed(ada: Courier) -> None:
    bob = courier("Bob", mode=Courier.Mode.MANUAL)
    plan_many(2)
    services.assign(delivery_id=keys()[0], courier_id=bob.pk, now=NOW)
    end_shift_of(ada)
    services.undo_end_shift(courier_id=ada.pk, freed=keys(), now=after(8))

    assert carriers() == ["Bob", None]


def test_it_gives_back_no_more_than_the_courier_may_carry(ada: Courier) -> None:
    plan_many(3)
    tick()
    freed = end_shift_of(ada)
    Courier.objects.update(load_limit=1)
    assert services.undo_end_shift(courier_id=ada.pk, freed=freed, now=after(8)) == 1
    assert carriers() == ["Ada", None, None]


def on_the_road(who: Courier, at: datetime = NOW) -> Delivery:
    delivery = plan_one()
    services.assign(delivery_id=delivery.pk, courier_id=who.pk, now=at)
    services.pick_up(delivery_id=delivery.pk, now=at)
    return delivery


def back(at: datetime) -> dict[UUID, float]:
    """Tell in how many seconds after `NOW` each is back."""
    return {who: (when - NOW).total_seconds() for who, when in services.when_back(now=at).items()}


def test_it_expects_nobody_who_is_here(ada: Courier) -> None:
    delivery = plan_one()
    services.assign(delivery_id=delivery.pk, courier_id=ada.pk, now=NOW)
    assert back(NOW) == {}
    services.cancel(delivery_id=delivery.pk, reason="", now=NOW)
    assert back(NOW) == {}


def test_it_expects_a_courier_there_and_back(ada: Courier) -> None:
    bob = courier("Bob", mode=Courier.Mode.MANUAL)
    on_the_road(ada)
    on_the_road(ada, after(30))
    on_the_road(bob, after(50))

    assert back(after(60)) == {ada.pk: 230, bob.pk: 250}


def test_it_still_expects_who_is_late(ada: Courier) -> None:
    on_the_road(ada)
    assert back(after(900)) == {ada.pk: 200}


@pytest.mark.parametrize("end", ["deliver", "fail", "cancel"])
def test_it_expects_a_courier_back_from_the_door(ada: Courier, end: str) -> None:
    delivery = on_the_road(ada)
    more = {} if end == "deliver" else {"reason": "why"}
    getattr(services, end)(delivery_id=delivery.pk, now=after(70), **more)

    assert back(after(71)) == {ada.pk: 170}
    assert back(after(170)) == {}


def test_it_expects_who_failed_and_not_who_has_it_next(ada: Courier) -> None:
    delivery = on_the_road(ada)
    services.fail(delivery_id=delivery.pk, reason="why", now=after(70))
    bob = courier("Bob", mode=Courier.Mode.MANUAL)
    services.assign(delivery_id=delivery.pk, courier_id=bob.pk, now=after(71))
    assert back(after(72)) == {ada.pk: 170}

    services.cancel(delivery_id=delivery.pk, reason="why", now=after(73))
    assert bob.pk not in back(after(74))


def test_it_asks_once_who_is_away(ada: Courier) -> None:
    for n in range(10):
        on_the_road(ada, after(n))
    with CaptureQueriesContext(connections["delivery"]) as queries:
        services.when_back(now=LATER)
    assert len(queries) == 1
