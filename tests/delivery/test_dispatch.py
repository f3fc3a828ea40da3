"""Who gets what."""

from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from delivery import services
from delivery.models import Courier, Delivery
from delivery.services.dispatch import Waiting, share_out
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
    statuses,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["delivery"])


def test_it_plans_a_delivery_of_a_cooked_order() -> None:
    delivery = plan_one(number=1042)

    assert (delivery.number, delivery.address, delivery.note) == (1042, "12 Canal Street", "ring")
    assert (delivery.status, delivery.attempt, delivery.courier) == ("awaiting_courier", 1, None)
    assert delivery.correlation_id == "request-1"
    assert delivery.waiting_since == delivery.created_at == NOW
    assert sent() == []


def test_it_plans_an_order_once_however_often_it_comes() -> None:
    message = cooked()
    plan(message, message)
    plan(message)

    assert Delivery.objects.count() == 1


def test_it_cannot_read_an_order_id_that_is_none() -> None:
    message = cooked()
    message.order_id = "1042"
    with pytest.raises(ValueError, match="badly formed"):
        plan(message)

    assert not Delivery.objects.exists()


def test_it_has_a_delivery_wait_while_nobody_is_on_shift() -> None:
    courier(on_shift=False)
    delivery = plan_one()
    assert tick() == 0
    assert tick(after(3600)) == 0

    delivery.refresh_from_db()
    assert (delivery.status, delivery.waiting_since) == ("awaiting_courier", NOW)
    assert sent() == []


def test_it_assigns_the_least_loaded() -> None:
    courier("Ada")
    courier("Bob")
    plan_many(4)
    tick()

    assert carriers() == ["Ada", "Bob", "Ada", "Bob"]
    assert statuses() == ["assigned"] * 4
    first = Delivery.objects.order_by("id")[0]
    assert (first.assigned_at, first.waiting_since) == (NOW, None)


def test_it_counts_what_couriers_carry_and_not_what_they_brought() -> None:
    ada = courier("Ada")
    plan_many(3)
    tick()
    Delivery.objects.filter(number__lt=3).update(status="delivered", due_at=None)
    Delivery.objects.filter(number=3).update(status="out_for_delivery")
    courier("Bob")
    plan(cooked(4), cooked(5), cooked(6))
    tick()

    assert carriers()[3:] == ["Bob", "Ada", "Bob"]
    assert ada.deliveries.count() == 4


def test_it_keeps_to_the_load_limit_and_to_the_order_of_coming() -> None:
    courier("Ada", load_limit=1)
    courier("Bob", load_limit=2)
    plan_many(5)
    tick()

    assert carriers() == ["Ada", "Bob", "Bob", None, None]
    assert tick() == 0


def test_it_gives_nothing_to_who_is_off_shift() -> None:
    courier("Ada", on_shift=False)
    courier("Bob")
    plan_many(2)
    tick()

    assert carriers() == ["Bob", "Bob"]


def test_it_lets_others_pass_a_retry_that_must_wait_for_somebody_else() -> None:
    courier("Ada", load_limit=1)
    courier("Bob", load_limit=1)
    plan_many(2)
    tick()
    bobs, adas = Delivery.objects.order_by("-id")
    services.pick_up(delivery_id=adas.pk, now=NOW)
    services.fail(delivery_id=adas.pk, reason="", now=NOW)
    plan(cooked(3))
    tick()
    assert carriers() == [None, "Bob", "Ada"]

    Delivery.objects.filter(pk=bobs.pk).update(status="delivered", due_at=None)
    tick()
    assert carriers()[0] == "Bob"


def test_it_rests_at_the_price_of_two_questions() -> None:
    courier(load_limit=1)
    plan_many(2)
    tick()

    with CaptureQueriesContext(connections["delivery"]) as queries:
        assert tick() == 0
    assert len(queries) == 2


def test_it_plans_a_hundred_at_the_price_of_one() -> None:
    def cost(count: int) -> int:
        with CaptureQueriesContext(connections["delivery"]) as queries:
            plan_many(count)
        return len(queries)

    assert cost(1) == cost(100)
    assert Delivery.objects.count() == 101


def _couriers(*limits: int | None) -> list[Courier]:
    return [Courier(id=UUID(int=n), name=str(n), load_limit=x) for n, x in enumerate(limits)]


@pytest.mark.parametrize(
    ("limits", "loads", "failed", "others", "expected"),
    [
        ([None], [0], [None] * 3, False, [0, 0, 0]),
        ([None, None], [5, 3], [None] * 4, True, [1, 1, 0, 1]),
        ([1, 1], [0, 0], [None] * 3, True, [0, 1]),
        ([None, None], [0, 0], [0, 0], True, [1, 1]),
        ([None], [0], [0], False, [0]),
        ([None], [0], [0, None], True, [None, 0]),
        ([], [], [None], False, []),
    ],
    ids=["alone", "loads", "limits", "retry", "nobody else", "retry waits", "nobody"],
)
def test_it_shares_out(
    limits: list[int | None],
    loads: list[int],
    failed: list[int | None],
    others: bool,
    expected: list[int | None],
) -> None:
    waiting = [Waiting(n, None if f is None else UUID(int=f)) for n, f in enumerate(failed)]
    pairs = share_out(
        waiting,
        _couriers(*limits),
        {UUID(int=n): load for n, load in enumerate(loads)},
        others=others,
    )

    given = {delivery: who.pk.int for delivery, who in pairs}
    assert [given.get(n) for n in range(len(expected))] == expected
    assert len(given) == len([who for who in expected if who is not None])


def test_it_makes_couriers_ids_that_grow() -> None:
    assert courier("Ada").pk < courier("Bob").pk < uuid7()
