"""Several workers and staff at once, each with a database connection of their own."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db.models import Count

from delivery import services
from delivery.errors import (
    CourierUnavailable,
    DeliveryError,
    IllegalTransition,
    Overtaken,
    ShiftUnchanged,
)
from delivery.models import Courier, Delivery
from tests.delivery.ground import (
    NOW,
    after,
    cooked,
    courier,
    notices,
    plan,
    plan_many,
    sent,
    statuses,
    tick,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=["delivery"], transaction=True)


@pytest.fixture(autouse=True)
def _times(settings: Any) -> None:
    settings.DELIVERY_PICKUP_SECONDS = settings.DELIVERY_TRAVEL_SECONDS = 1


def ends() -> Counter[str]:
    """Count the events that end an order, by order."""
    last = ("OrderDelivered", "OrderDeliveryFailed")
    return Counter(m.order_id for m in sent() if type(m).__name__ in last)


def drive_on(ticks: int, limit: int) -> Callable[[], None]:
    def run() -> None:
        for n in range(ticks):
            tick(after(n), limit=limit)

    return run


def test_it_delivers_each_order_once_though_workers_share_them() -> None:
    courier("Ada")
    courier("Bob")
    plan_many(150)
    at_once(*[drive_on(40, limit=10)] * 3)
    drive_on(300, limit=1000)()

    assert statuses() == ["delivered"] * 150
    assert set(ends().values()) == {1}
    dispatched = Counter(m.order_id for m in sent() if type(m).__name__ == "OrderDispatched")
    assert set(dispatched.values()) == {1}


def test_it_overloads_nobody_under_several_workers_and_hands() -> None:
    courier("Ada", load_limit=2)
    courier("Bob", load_limit=2)
    plan_many(60)
    seen: list[int] = []

    def look() -> None:
        carried = Delivery.objects.filter(status__in=Delivery.CARRIED).values("courier")
        seen.extend(carried.annotate(n=Count("id")).values_list("n", flat=True).order_by())

    def work() -> None:
        for n in range(40):
            tick(after(n), limit=5)
            look()

    def assign_by_hand() -> None:
        ada = Courier.objects.get(name="Ada")
        for delivery in Delivery.objects.order_by("-id")[:40]:
            try:
                services.assign(delivery_id=delivery.pk, courier_id=ada.pk, now=NOW)
            except (CourierUnavailable, IllegalTransition):
                continue
            finally:
                look()

    at_once(work, work, assign_by_hand)

    assert max(seen) == 2
    assert "delivered" in statuses()


def test_it_ends_an_order_once_by_clock_or_by_hand() -> None:
    courier()
    plan_many(40)
    tick()
    tick(after(1))
    keys = list(Delivery.objects.values_list("id", flat=True))

    def give_up_all() -> None:
        for key in reversed(keys):
            try:
                services.cancel(delivery_id=key, reason="closing", now=after(2))
            except IllegalTransition:
                continue

    def deliver_all() -> None:
        for key in keys:
            try:
                services.deliver(delivery_id=key, now=after(2))
            except IllegalTransition:
                continue

    def drive() -> None:
        for _ in range(20):
            tick(after(2), limit=3)

    at_once(give_up_all, deliver_all, drive)

    assert set(statuses()) <= {"delivered", "cancelled"}
    assert ends() == Counter(str(d.order_id) for d in Delivery.objects.all())


def test_it_strands_nothing_with_who_goes_home() -> None:
    ada, _bob = courier("Ada"), courier("Bob")
    plan_many(40)

    def come_and_go() -> None:
        for _ in range(20):
            services.end_shift(courier_id=ada.pk, now=NOW)
            services.start_shift(courier_id=ada.pk, now=NOW)

    at_once(come_and_go, drive_on(20, limit=7), drive_on(20, limit=7))
    drive_on(300, limit=1000)()

    assert statuses() == ["delivered"] * 40
    assert set(ends().values()) == {1}


def test_it_plans_an_order_once_though_workers_meet() -> None:
    messages = [cooked(n) for n in range(30)]

    def plan_all() -> None:
        for message in messages:
            plan(message)

    at_once(plan_all, plan_all)

    assert Delivery.objects.count() == 30


def test_it_gives_a_delivery_to_one_of_those_who_press_at_once() -> None:
    couriers = {name: courier(name) for name in ("Ada", "Bob", "Kim")}
    plan_many(30)
    keys = list(Delivery.objects.order_by("id").values_list("id", flat=True))
    won: list[tuple[int, str]] = []
    told = len(notices())

    def press(name: str) -> Callable[[], None]:
        def run() -> None:
            for key in keys:
                with suppress(Overtaken):
                    services.assign(
                        delivery_id=key,
                        courier_id=couriers[name].pk,
                        now=NOW,
                        by=name,
                        seen_courier_id=None,
                    )
                    won.append((key, name))

        return run

    at_once(*[press(name) for name in couriers])

    assert sorted(won) == list(Delivery.objects.order_by("id").values_list("id", "courier__name"))
    assert list(Delivery.objects.values_list("moved_by").order_by("id")) == [
        (name,) for _, name in sorted(won)
    ]
    assert len(notices()) == told + 30


def test_it_changes_a_shift_once_though_two_press() -> None:
    ada = courier("Ada", on_shift=False)
    changed: list[str] = []

    def press() -> None:
        for change in (services.start_shift, services.end_shift) * 10:
            with suppress(ShiftUnchanged):
                change(courier_id=ada.pk, now=NOW)
                changed.append(change.__name__)

    at_once(press, press)

    assert len(notices()) == len(changed)
    ada.refresh_from_db()
    assert changed.count("start_shift") - changed.count("end_shift") == int(ada.on_shift)


def test_it_keeps_what_is_held_from_every_worker() -> None:
    courier("Ada")
    plan_many(20)
    tick()
    held = set(Delivery.objects.filter(number__gt=10).values_list("id", flat=True))

    def take_back() -> None:
        for key in held:
            services.unassign(delivery_id=key, now=NOW, by="Ana")

    at_once(take_back, *[drive_on(1, limit=5)] * 2)
    at_once(*[drive_on(20, limit=5)] * 2)

    waiting = Delivery.objects.filter(status="awaiting_courier")
    assert set(waiting.values_list("id", flat=True)) == held
    assert Counter(statuses())["delivered"] == 10


def test_it_undoes_the_end_of_a_shift_beside_workers_and_hands() -> None:
    ada, bob = courier("Ada"), courier("Bob")
    plan_many(20)
    tick()

    def go_and_return() -> None:
        for _ in range(10):
            freed = services.end_shift(courier_id=ada.pk, now=NOW, by="Ana")
            services.undo_end_shift(courier_id=ada.pk, freed=freed, now=NOW, by="Ana")

    def assign_by_hand() -> None:
        for key in Delivery.objects.order_by("-id").values_list("id", flat=True):
            with suppress(DeliveryError):
                services.assign(delivery_id=key, courier_id=bob.pk, now=NOW, by="Ben")

    at_once(go_and_return, assign_by_hand, drive_on(10, limit=5))
    drive_on(300, limit=1000)()

    assert statuses() == ["delivered"] * 20
    assert set(ends().values()) == {1}
