"""The dispatch board: what a press does, and what it answers."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from delivery.models import Delivery
from tests.boards.staff import client_of
from tests.delivery.board.ground import BOARD, driver, give, press, ready_for, state
from tests.delivery.ground import plan_many, plan_one, tick

pytestmark = pytest.mark.django_db(databases=["default", "delivery"])


def test_it_moves_a_delivery_through_its_life_and_names_who_did() -> None:
    ada, bob = driver("Ada"), driver("Bob")
    delivery, client = plan_one(), client_of("dispatch", name="Ana")
    for name, body, status in (
        ("assign", {"courier": str(ada.pk), "seen": None}, "assigned"),
        ("assign", {"courier": str(bob.pk), "seen": str(ada.pk)}, "assigned"),
        ("unassign", {"seen": str(bob.pk)}, "awaiting_courier"),
        ("release", {}, "awaiting_courier"),
        ("assign", {"courier": str(ada.pk), "seen": None}, "assigned"),
        ("pick_up", {"seen": str(ada.pk)}, "out_for_delivery"),
        ("fail", {"seen": str(ada.pk), "reason": "nobody home"}, "awaiting_courier"),
        ("assign", {"courier": str(bob.pk), "seen": None}, "assigned"),
        ("pick_up", {"seen": str(bob.pk)}, "out_for_delivery"),
        ("deliver", {"seen": str(bob.pk)}, "delivered"),
    ):
        answer = press(client, delivery, name, **body)
        assert answer.status_code == 200
        delivery.refresh_from_db()
        said, shown = answer.json()["say"], answer.json()["card"]
        assert (said, f'id="delivery-{delivery.pk}"' in shown) == ("", status != "delivered")
        assert (delivery.status, delivery.moved_by) == (status, "Ana")
    assert delivery.failure_reason == "nobody home"


def test_its_request_is_told_with_the_order_that_it_moved() -> None:
    ada, delivery, client = driver("Ada"), plan_one(), client_of("dispatch", name="Ana")
    with capture_logs(processors=[merge_contextvars]) as lines:
        press(client, delivery, "assign", courier=str(ada.pk), seen=None)
    (line,) = [line for line in lines if line["event"] == "request_answered"]
    assert line["order_id"] == str(delivery.order_id)
    assert line["user_id"]


def test_it_starts_and_ends_shifts_and_undoes_the_end() -> None:
    ada, client = driver("Ada", on_shift=False), client_of("dispatch", name="Ana")
    assert press(client, ada, "start").json() == {"say": "", "freed": []}
    delivery = plan_one()
    give(delivery, ada)
    freed = press(client, ada, "end").json()["freed"]
    assert freed == [delivery.pk]
    assert press(client, ada, "undo-end", freed=freed).status_code == 200
    ada.refresh_from_db()
    delivery.refresh_from_db()
    assert (ada.on_shift, ada.shift_changed_by, delivery.courier) == (True, "Ana", ada)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("assign", "assign", r"#1: Ana gave it to Kim \d s ago\."),
        ("assign", "give_up", r"#1: Ana gave it to Kim \d s ago\."),
        ("give_up", "assign", r"#1: Ana gave it up \d s ago\."),
        ("unassign", "pick_up", r"#1: Ana took it back \d s ago\."),
        ("unassign", "unassign", r"#1: Ana took it back \d s ago\."),
        ("pick_up", "unassign", r"#1: Ada left with it \d s ago, says Ana\."),
        ("pick_up", "pick_up", r"#1: Ada left with it \d s ago, says Ana\."),
        ("deliver", "fail", r"#1: Ana marked it as delivered \d s ago\."),
        ("fail", "deliver", r"#1: Ana marked it as failed \d s ago, and it waits .* second try\."),
        ("release", "release", r"#1: Ana had it wait again \d s ago\."),
    ],
)
def test_it_tells_who_comes_second_who_was_first(first: str, second: str, said: str) -> None:
    delivery, body = ready_for(first)
    kim = driver("Kim")
    ana, ben = client_of("dispatch", name="Ana"), client_of("manager", name="Ben")
    old = {**body, "reason": "why"}
    if first == "assign":
        body["courier"] = str(kim.pk)
    assert press(ana, delivery, first, **body).status_code == 200
    before = state()
    answer = press(ben, delivery, second, **{"courier": str(kim.pk), **old})
    assert answer.status_code == 409
    assert re.fullmatch(said, answer.json()["say"]), answer.json()
    assert state() == before


def test_it_gives_up_only_where_it_was_seen() -> None:
    delivery, body = ready_for("pick_up")
    ana, ben = client_of("dispatch", name="Ana"), client_of("manager", name="Ben")
    assert press(ana, delivery, "pick_up", **body).status_code == 200
    before = state()
    old = {**body, "reason": "closing", "column": "assigned"}
    answer = press(ben, delivery, "give_up", **old)
    assert answer.status_code == 409
    said = answer.json()["say"]
    assert re.fullmatch(r"#1: Ada left with it \d s ago, says Ana\.", said)
    assert state() == before
    assert press(ben, delivery, "give_up", **{**old, "column": "road"}).status_code == 200


def test_it_says_that_the_timer_was_first() -> None:
    delivery, body = ready_for("assign")
    tick(timezone.now())
    answer = press(client_of("dispatch"), delivery, "assign", **body)
    assert re.fullmatch(r"#1: the timer gave it to Ada \d s ago\.", answer.json()["say"])


def test_it_gives_a_delivery_once_though_two_press_the_same() -> None:
    delivery, body = ready_for("assign")
    ana, ben = client_of("dispatch", name="Ana"), client_of("manager", name="Ben")
    answers = [press(who, delivery, "assign", **body) for who in (ana, ben)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert re.fullmatch(r"#1: Ana gave it to Ada \d s ago\.", answers[1].json()["say"])
    delivery.refresh_from_db()
    assert delivery.moved_by == "Ana"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("start", r"Ada is on shift: Ana started it \d s ago\."),
        ("undo-end", r"Ada is on shift: Ana started it \d s ago\."),
        ("end", r"Ada is off shift: Ana ended it \d s ago\."),
    ],
)
def test_it_says_who_changed_a_shift_first(name: str, said: str) -> None:
    ada = driver("Ada", on_shift=name == "end")
    ana, ben = client_of("dispatch", name="Ana"), client_of("manager", name="Ben")
    press(ana, ada, name)
    before = state()
    answer = press(ben, ada, name)
    assert answer.status_code == 409
    assert re.fullmatch(said, answer.json()["say"]), answer.json()
    assert state() == before


def test_it_says_why_a_courier_can_take_no_more() -> None:
    full, away = driver("Full", load_limit=1), driver("Away", on_shift=False)
    give(plan_one(2), full)
    delivery, client = plan_one(1), client_of("dispatch")
    before = state()
    for who, said in (
        (full, "Full carries as much as they may."),
        (away, "Away is off shift."),
    ):
        answer = press(client, delivery, "assign", courier=str(who.pk), seen=None)
        assert (answer.status_code, answer.json()["say"]) == (409, said)
    assert state() == before


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("assign", {}),
        ("assign", {"courier": None}),
        ("assign", {"courier": "Ada"}),
        ("assign", {"courier": str(uuid7()), "seen": 1}),
        ("assign", {"courier": str(uuid7()), "other": 1}),
        ("unassign", {"seen": "nobody"}),
        ("fail", {}),
        ("fail", {"reason": "  "}),
        ("fail", {"reason": "x" * 201}),
        ("give_up", {"reason": None}),
    ],
)
def test_it_refuses_what_no_button_sends(name: str, body: dict[str, Any]) -> None:
    delivery, _ = ready_for(name)
    before = state()
    answer = press(client_of("dispatch"), delivery, name, **body)
    assert answer.status_code == 400
    assert answer.json()["say"]
    assert state() == before


@pytest.mark.parametrize("body", ["", "null", "[]", "{", '"x"', "\xff", "[" * 5000])
def test_it_refuses_a_body_that_is_none(body: str) -> None:
    delivery, _ = ready_for("assign")
    before = state()
    address = f"{BOARD}deliveries/{delivery.pk}/assign/"
    answer = client_of("dispatch").post(address, body.encode("latin-1"), "application/json")
    assert answer.status_code == 400
    assert state() == before


def test_it_knows_no_other_deliveries_couriers_and_deeds() -> None:
    ada, client = driver("Ada"), client_of("dispatch")
    plan_one()
    before = state()
    for path in (
        "deliveries/404/pick_up/",
        "deliveries/1/eat/",
        "deliveries/-1/pick_up/",
        f"deliveries/{'9' * 18}/pick_up/",
        f"deliveries/{'9' * 40}/pick_up/",
        f"couriers/{uuid7()}/start/",
        "couriers/1/start/",
        f"couriers/{ada.pk}/dismiss/",
    ):
        assert client.post(BOARD + path, {}, "application/json").status_code == 404, path
    delivery = Delivery.objects.get()
    answer = press(client, delivery, "assign", courier=str(uuid7()), seen=None)
    assert answer.status_code == 404
    assert state() == before


@pytest.mark.parametrize("asked", ["nonsense", "1", str(UUID(int=0)) + "0"])
def test_it_refuses_what_is_no_order(asked: str) -> None:
    answer = client_of("dispatch").get(f"{BOARD}cards/", {"order": asked})
    assert answer.status_code == 400
    assert answer.json()["say"]


def test_it_holds_what_an_undo_took_back_from_the_timer() -> None:
    ada, client = driver("Ada"), client_of("dispatch", name="Ana")
    plan_many(1)
    delivery = Delivery.objects.get()
    press(client, delivery, "assign", courier=str(ada.pk), seen=None)
    press(client, delivery, "unassign", seen=str(ada.pk))
    assert tick(timezone.now()) == 0
    delivery.refresh_from_db()
    assert (delivery.held_by, delivery.courier) == ("Ana", None)
