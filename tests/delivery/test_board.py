"""The dispatch board as the server draws it: what it shows, whom it lets in, what it answers."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from delivery import services
from delivery.board import picture, views
from delivery.models import Courier, Delivery
from tests.boards.staff import ROLES, client_of
from tests.delivery.ground import courier, notices, plan_many, plan_one, tick

pytestmark = pytest.mark.django_db(databases=["default", "delivery"])
BOARD = "/admin/delivery/board/"
SEES = {"dispatch", "manager", "support", "superuser"}
MOVES = {"dispatch", "manager", "superuser"}
STRANGERS = {"nobody", "customer"}
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _times(settings: Any) -> None:
    settings.DELIVERY_TRAVEL_SECONDS = 900
    settings.SIMULATION_SPEED = 1


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def driver(name: str = "Ada", **fields: Any) -> Courier:
    return courier(name, **{"mode": Courier.Mode.MANUAL, **fields})


def give(delivery: Delivery, to: Courier, now: datetime = NOW, by: str = "") -> None:
    services.assign(delivery_id=delivery.pk, courier_id=to.pk, now=now, by=by)


def on_the_road(who: Courier, number: int = 1, now: datetime = NOW) -> Delivery:
    delivery = plan_one(number, now=now)
    give(delivery, who, now=now)
    services.pick_up(delivery_id=delivery.pk, now=now)
    delivery.refresh_from_db()
    return delivery


def failed_once(who: Courier, number: int = 1, now: datetime = NOW) -> Delivery:
    delivery = on_the_road(who, number, now=now)
    services.fail(delivery_id=delivery.pk, reason="nobody home", now=now)
    delivery.refresh_from_db()
    return delivery


def press(client: Client, row: Delivery | Courier, name: str, **body: Any) -> Any:
    kind = "deliveries" if isinstance(row, Delivery) else "couriers"
    return client.post(f"{BOARD}{kind}/{row.pk}/{name}/", body, "application/json")


def state() -> list[Any]:
    rows = [list(model.objects.order_by("pk").values()) for model in (Delivery, Courier)]
    return [*rows, len(notices())]


def page_of(role: str, path: str = "") -> str:
    answer = client_of(role).get(BOARD + path)
    assert answer.status_code == 200
    return answer.content.decode()


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_it_shows_the_board_to_those_who_may_see_deliveries(role: str) -> None:
    plan_one()
    answer = client_of(role).get(BOARD)
    if role in SEES:
        assert answer.status_code == 200
        assert "12 Canal Street" in answer.content.decode()
    elif role in STRANGERS:
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")
    else:
        assert answer.status_code == 403
        assert "12 Canal Street" not in answer.content.decode()


@pytest.mark.parametrize(("name", "shown"), [("cards", "12 Canal Street"), ("around", "Ada")])
@pytest.mark.parametrize("role", ROLES)
def test_it_shows_its_parts_to_the_same(role: str, name: str, shown: str) -> None:
    plan_one()
    driver("Ada")
    answer = client_of(role).get(f"{BOARD}{name}/")
    expected = 401 if role in STRANGERS else 403
    assert answer.status_code == (200 if role in SEES else expected)
    assert (shown in answer.content.decode()) == (role in SEES)
    if role not in SEES:
        assert set(answer.json()) == {"say"}


def ready_for(name: str) -> tuple[Delivery, dict[str, Any]]:
    """Give a delivery to which this may be done, and what the button sends."""
    ada = driver("Ada")
    if name in ("deliver", "fail"):
        return on_the_road(ada), {"seen": str(ada.pk), "reason": "nobody home"}
    delivery = plan_one()
    if name in ("assign", "give_up"):
        return delivery, {"courier": str(ada.pk), "seen": None, "reason": "closing"}
    give(delivery, ada)
    if name == "release":
        services.unassign(delivery_id=delivery.pk, now=NOW, by="Ana")
        return delivery, {}
    return delivery, {"seen": str(ada.pk)}


@pytest.mark.parametrize("name", views.MOVES)
@pytest.mark.parametrize("role", ROLES)
def test_it_lets_those_move_deliveries_who_may_change_them(role: str, name: str) -> None:
    delivery, body = ready_for(name)
    before = state()
    answer = press(client_of(role), delivery, name, **body)
    expected = 401 if role in STRANGERS else 403
    assert answer.status_code == (200 if role in MOVES else expected)
    assert (state() != before) == (role in MOVES)


@pytest.mark.parametrize("name", ["start", "end", "undo-end"])
@pytest.mark.parametrize("role", ROLES)
def test_it_lets_those_change_shifts_who_may_change_couriers(role: str, name: str) -> None:
    ada = driver("Ada", on_shift=name == "end")
    before = state()
    answer = press(client_of(role), ada, name)
    expected = 401 if role in STRANGERS else 403
    assert answer.status_code == (200 if role in MOVES else expected)
    assert (state() != before) == (role in MOVES)


@pytest.mark.parametrize("role", sorted(SEES))
def test_it_offers_no_button_to_who_may_only_look(role: str) -> None:
    plan_one()
    driver("Ada")
    page = page_of(role)
    for button in ('data-deed="assign"', 'data-shift="end"', "data-grip", "data-may-change"):
        assert (button in page) == (role in MOVES), button


def test_it_takes_a_press_only_as_a_post_of_its_own_page() -> None:
    delivery, body = ready_for("assign")
    client = client_of("dispatch", checks_csrf=True)
    before = state()
    address = f"{BOARD}deliveries/{delivery.pk}/assign/"
    assert client.post(address, body, "application/json").status_code == 403
    assert client.get(address).status_code == 405
    assert state() == before
    found = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(BOARD).content.decode()
    )
    assert found
    answer = client.post(address, body, "application/json", headers={"X-CSRFToken": found[1]})
    assert answer.status_code == 200
    assert state() != before


def test_it_gives_freed_deliveries_back_only_to_those_who_may_move_them() -> None:
    ada = driver("Ada")
    delivery = plan_one()
    give(delivery, ada)
    freed = services.end_shift(courier_id=ada.pk, now=NOW)
    client = client_with("delivery.change_courier")
    assert press(client, ada, "undo-end", freed=freed).status_code == 200
    delivery.refresh_from_db()
    assert delivery.courier is None


def client_with(permission: str) -> Client:
    from django.contrib.auth.models import Permission

    from auth_grpc.models import User

    user = User.objects.create_user("some@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=permission.split(".")[1]))
    client = Client()
    client.force_login(user)
    return client


# --- What it shows --------------------------------------------------------------------------------


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


# --- What it answers ------------------------------------------------------------------------------


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


def test_it_is_in_the_sidebar_of_those_who_may_see_it() -> None:
    for role, sees in (("dispatch", True), ("support", True), ("kitchen", False)):
        page = client_of(role).get("/admin/password_change/").content.decode()
        assert (f'href="{BOARD}"' in page) == sees, role
