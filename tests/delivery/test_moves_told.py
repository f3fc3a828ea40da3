"""What a move leaves behind for colleagues: who made it, and a notice for every screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test.utils import CaptureQueriesContext

from delivery import services
from delivery.errors import IllegalTransition
from delivery.models import Courier, Delivery, OutboxMessage
from delivery.services.turns import take_turn
from tests.delivery.ground import (
    NOW,
    after,
    cooked,
    courier,
    notices,
    plan,
    plan_many,
    plan_one,
    sent_names,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["delivery"])
LATER = after(5)


def last_notice() -> tuple[list[str], list[str]]:
    notice = notices()[-1]
    return list(notice.order_ids), list(notice.courier_ids)


def moved(delivery: Delivery) -> tuple[str, Any]:
    delivery.refresh_from_db()
    return delivery.moved_by, delivery.moved_at


def test_it_names_who_moved_a_delivery_last_and_not_who_did_before() -> None:
    ada, bob = [courier(name, mode=Courier.Mode.MANUAL) for name in ("Ada", "Bob")]
    delivery = plan_one()
    assert moved(delivery) == ("", None)
    hand: dict[str, Any] = {"delivery_id": delivery.pk}
    moves: list[tuple[Callable[..., Any], str, dict[str, Any]]] = [
        (services.assign, "Ana", {"courier_id": ada.pk}),
        (services.assign, "Ben", {"courier_id": bob.pk}),
        (services.unassign, "Ana", {}),
        (services.release, "Ben", {}),
        (services.assign, "Kim", {"courier_id": ada.pk}),
        (services.pick_up, "Ada", {}),
        (services.fail, "Kim", {"reason": "nobody home"}),
        (services.assign, "Ben", {"courier_id": bob.pk}),
        (services.pick_up, "Ana", {}),
        (services.deliver, "Bob", {}),
    ]
    for seconds, (move, who, more) in enumerate(moves):
        before = len(notices())
        move(**hand, **more, now=after(seconds), by=who)
        assert moved(delivery) == (who, after(seconds))
        assert len(notices()) == before + 1
        assert last_notice() == ([str(delivery.order_id)], [])
    assert notices()[-1].changed_at.ToDatetime(NOW.tzinfo) == after(9)
    assert len({notice.id for notice in notices()}) == len(notices())


def test_it_names_who_gave_a_delivery_up() -> None:
    delivery = plan_one()
    services.cancel(delivery_id=delivery.pk, reason="closing", now=LATER, by="Ana")

    assert moved(delivery) == ("Ana", LATER)
    assert last_notice() == ([str(delivery.order_id)], [])
    assert sent_names() == ["OrderDeliveryFailed"]


def test_it_names_nobody_when_the_timer_moved_it() -> None:
    ada = courier("Ada")
    delivery = plan_one()
    services.assign(delivery_id=delivery.pk, courier_id=ada.pk, now=NOW, by="Ana")
    tick(after(86400))

    assert moved(delivery) == ("", after(86400))


def test_it_names_who_changed_a_shift_and_what_that_moved() -> None:
    ada = courier("Ada", on_shift=False)
    services.start_shift(courier_id=ada.pk, now=NOW, by="Ana")
    ada.refresh_from_db()
    assert (ada.shift_changed_by, ada.shift_changed_at) == ("Ana", NOW)
    assert last_notice() == ([], [str(ada.pk)])

    plan_many(2)
    tick()
    services.end_shift(courier_id=ada.pk, now=LATER, by="Ben")
    ada.refresh_from_db()
    assert (ada.shift_changed_by, ada.shift_changed_at) == ("Ben", LATER)
    freed = Delivery.objects.order_by("id")
    assert [(d.moved_by, d.moved_at, d.held_by) for d in freed] == [("Ben", LATER, "")] * 2
    assert last_notice() == ([str(d.order_id) for d in freed], [str(ada.pk)])


@pytest.mark.parametrize("count", [1, 50])
def test_it_tells_screens_once_however_many_orders_move(count: int, settings: Any) -> None:
    settings.DELIVERY_PICKUP_SECONDS = settings.DELIVERY_TRAVEL_SECONDS = 0
    courier("Ada")
    messages = [cooked(number) for number in range(count)]
    ids = sorted(message.order_id for message in messages)
    plan(*messages)
    assert (len(notices()), sorted(last_notice()[0])) == (1, ids)
    assert tick() == 3 * count
    assert (len(notices()), sorted(last_notice()[0])) == (2, ids)


def test_it_tells_all_of_a_turn_in_one_statement(settings: Any) -> None:
    settings.DELIVERY_PICKUP_SECONDS = settings.DELIVERY_TRAVEL_SECONDS = 0
    courier("Ada")
    plan_many(20)
    with CaptureQueriesContext(connections["delivery"]) as queries:
        tick()

    inserts = [q["sql"] for q in queries if q["sql"].startswith("INSERT")]
    assert len(inserts) == 1
    assert OutboxMessage.objects.count() == 1 + 20 * 2 + 1


def test_it_tells_screens_nothing_when_nothing_moves() -> None:
    message = cooked()
    plan(message)
    assert len(notices()) == 1
    plan(message)
    tick()
    with pytest.raises(IllegalTransition):
        services.pick_up(delivery_id=Delivery.objects.get().pk, now=NOW)
    assert len(notices()) == 1


def test_it_tells_nothing_of_what_was_undone() -> None:
    delivery = plan_one()
    before = OutboxMessage.objects.count()

    def fail() -> None:
        with take_turn(now=NOW) as turn:
            turn.touch(orders=[delivery.order_id])
            raise DatabaseError

    with pytest.raises(DatabaseError):
        fail()
    assert OutboxMessage.objects.count() == before


def test_it_saves_of_a_courier_only_what_was_changed() -> None:
    ada = courier("Ada", on_shift=False)
    services.start_shift(courier_id=ada.pk, now=NOW, by="Ana")
    ada.name, ada.load_limit = "Ada L.", 3
    services.save_courier(ada, changed=["name"], now=LATER)

    ada.refresh_from_db()
    assert (ada.name, ada.on_shift) == ("Ada L.", True)
    assert not ada.load_limit
    assert last_notice() == ([], [str(ada.pk)])


def test_it_announces_a_new_courier() -> None:
    new = Courier(name="New")
    services.save_courier(new, changed=None, now=NOW)

    assert Courier.objects.get() == new
    assert last_notice() == ([], [str(new.pk)])


def test_it_takes_rows_of_the_version_before() -> None:
    """A process that knows nothing of the new columns leaves them out."""
    with transaction.atomic(using="delivery"), connections["delivery"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO delivery_courier (id, name, phone, mode, on_shift)"
            " VALUES (%s, 'Old', '', 'automatic', TRUE)",
            ["0" * 31 + "1"],
        )
    plan_one()
    old = Courier.objects.get()
    assert (old.shift_changed_by, old.shift_changed_at) == ("", None)
    assert [(d.moved_by, d.held_by) for d in Delivery.objects.all()] == [("", "")]
