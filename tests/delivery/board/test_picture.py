"""The dispatch board as the server draws it: what it shows."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from delivery import services
from delivery.board import picture
from delivery.models import Delivery
from tests.boards.staff import client_of
from tests.delivery.board.ground import (
    BOARD,
    NOW,
    ago,
    driver,
    failed_once,
    give,
    on_the_road,
    page_of,
)
from tests.delivery.ground import courier, plan_one

pytestmark = pytest.mark.django_db(databases=["default", "delivery"])


def cards(now: datetime = NOW, **asked: Any) -> list[picture.Card]:
    return picture.cards(now=now, **asked)


def columns(now: datetime = NOW) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for card in cards(now):
        found.setdefault(card.column, []).append(card.delivery.number)
    return found


def test_it_puts_each_delivery_into_its_column_oldest_first() -> None:
    ada = driver("Ada")
    on_the_road(ada, 1)
    failed_once(ada, 2)
    for number, age in ((3, 60), (4, 600), (5, 30)):
        plan_one(number, now=ago(age))
    give(plan_one(6), ada)
    gone = on_the_road(ada, 7)
    services.deliver(delivery_id=gone.pk, now=NOW)

    assert columns() == {"waiting": [4, 3, 5], "road": [1], "failed": [2], "assigned": [6]}


def test_it_shows_only_the_orders_asked_for() -> None:
    first, _second = plan_one(1), plan_one(2)
    assert [card.delivery for card in cards(orders=[first.order_id])] == [first]
    assert cards(orders=[uuid7()]) == []


@pytest.mark.parametrize(
    ("minutes", "pace"), [(4.9, ""), (5, "slow"), (9.9, "slow"), (10, "late"), (90, "late")]
)
@pytest.mark.parametrize("is_assigned", [False, True])
def test_it_says_how_long_the_food_has_stood(
    minutes: float, pace: str, *, is_assigned: bool
) -> None:
    delivery = plan_one(now=ago(minutes * 60))
    if is_assigned:
        give(delivery, driver())
    (card,) = cards()
    assert (card.age, card.pace) == (minutes * 60, pace)


def test_it_divides_thresholds_by_the_simulations_speed(settings: Any) -> None:
    settings.SIMULATION_SPEED = 60
    plan_one(now=ago(6))
    on_the_road(driver(), now=ago(16))
    assert [card.pace for card in cards()] == ["slow", "slow"]


@pytest.mark.parametrize(("seconds", "pace"), [(899, ""), (900, "slow"), (1350, "late")])
def test_it_says_how_long_a_courier_is_on_the_road(seconds: int, pace: str) -> None:
    on_the_road(driver(), now=ago(seconds))
    (card,) = cards()
    assert (card.age, card.pace) == (seconds, pace)
    assert card.expected_at == ago(seconds - 900)


def test_it_says_how_long_a_second_try_has_stood_since_the_first_failed() -> None:
    delivery = on_the_road(driver(), now=ago(1000))
    services.fail(delivery_id=delivery.pk, reason="nobody home", now=ago(100))
    (card,) = cards()
    assert (card.column, card.age) == ("failed", 100)
    page = page_of("dispatch")
    assert "try 2 of 2" in page
    assert "nobody home" in page
    assert "(Ada)" in page


def test_it_follows_a_second_try_to_its_end() -> None:
    ada, bob = driver("Ada"), driver("Bob")
    delivery = failed_once(ada)
    give(delivery, bob)
    assert columns() == {"assigned": [1]}
    assert "try 2 of 2" in page_of("dispatch")
    services.pick_up(delivery_id=delivery.pk, now=NOW)
    services.fail(delivery_id=delivery.pk, reason="spilled", now=NOW, by="Ana")
    assert columns() == {"failed": [1]}
    page = page_of("support", "cards/")
    assert "failed twice" in page
    assert "spilled" in page
    assert "(Ana)" in page
    assert "data-deed" not in page


def test_it_shows_what_was_given_up_for_some_hours_newest_first_after_second_tries() -> None:
    for number, hours in ((1, 3.1), (2, 2), (3, 1)):
        delivery = plan_one(number)
        services.cancel(delivery_id=delivery.pk, reason="closing", now=ago(hours * 3600))
    failed_once(driver(), 4)
    assert columns() == {"failed": [4, 3, 2]}
    assert "given up" in page_of("dispatch")


def test_it_lets_allergies_stand_out_and_shows_notes_as_they_were_written() -> None:
    delivery = plan_one()
    Delivery.objects.filter(pk=delivery.pk).update(note="<b>nut</b> allergy")
    assert [card.is_allergy for card in cards()] == [True]
    page = page_of("dispatch")
    assert "<b>nut</b>" not in page
    assert "&lt;b&gt;nut&lt;/b&gt; allergy" in page
    assert "note is-allergy" in page


def test_it_names_who_holds_a_delivery_and_who_gave_one() -> None:
    ada = driver("Ada")
    held, given = plan_one(1), plan_one(2)
    give(held, ada)
    services.unassign(delivery_id=held.pk, now=NOW, by="Ana")
    give(given, ada, by="Ben")
    page = page_of("dispatch")
    assert "held by Ana" in page
    assert 'data-deed="release"' in page
    assert "given by Ben" in page


def test_it_offers_steps_by_hand_only_where_the_timer_does_not_drive() -> None:
    give(plan_one(), courier("Auto"))
    page = page_of("dispatch", "cards/")
    assert 'data-deed="pick_up"' not in page
    assert "timer drives" in page
    assert 'data-deed="unassign"' in page


def test_it_shows_couriers_with_shift_load_and_when_they_are_back() -> None:
    driver("Zoe", on_shift=False)
    bob = driver("Bob", load_limit=2)
    ada = driver("Ada")
    on_the_road(bob, 1, now=ago(100))
    give(plan_one(2), bob)
    found = picture.people(now=NOW)
    assert [person.courier.name for person in found] == ["Ada", "Bob", "Zoe"]
    assert [(p.load, p.assigned, p.is_full) for p in found] == [
        (0, 0, False),
        (2, 1, True),
        (0, 0, False),
    ]
    assert [p.back_at for p in found] == [None, ago(-1700), None]
    assert (found[0].courier, found[1].is_late) == (ada, False)
    page = page_of("support", "around/")
    assert 'data-load="2" data-limit="2"' in page
    assert "Off shift" in page


def test_it_shows_a_courier_late_who_should_be_back() -> None:
    on_the_road(driver(), now=ago(1801))
    assert [person.is_late for person in picture.people(now=NOW)] == [True]


def test_it_counts_what_is_more_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST", 2)
    for number in (1, 2, 3):
        plan_one(number)
    assert columns() == {"waiting": [1, 2]}
    assert picture.hidden() == {"waiting": 1, "assigned": 0, "road": 0}
    assert "and 1 newer one" in page_of("dispatch", "around/")


def test_it_asks_the_database_as_often_for_fifty_deliveries_as_for_one() -> None:
    client = client_of("dispatch")

    def cost(path: str) -> int:
        with CaptureQueriesContext(connections["delivery"]) as queries:
            assert client.get(f"{BOARD}{path}").status_code == 200
        return len(queries)

    def fill(count: int) -> None:
        for number in range(count):
            ada = driver(f"Ada {number}")
            on_the_road(ada)
            failed_once(ada)
            give(plan_one(), ada)
            plan_one()

    fill(1)
    costs = {path: cost(path) for path in ("", "cards/", "around/")}
    fill(25)
    assert {path: cost(path) for path in costs} == costs == {"": 8, "cards/": 4, "around/": 4}
