"""The kitchen's board as the server draws it: what it shows, whom it lets in, what it answers."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext, override
from uuid_utils.compat import uuid7

from kitchen import services
from kitchen.board import picture
from kitchen.models import KitchenOrder, Station, Ticket
from restaurant.boards.words import ago
from tests.boards.staff import ROLES, client_of
from tests.kitchen.ground import (
    ask_to_cancel,
    cancel,
    created,
    line,
    notices,
    option,
    station,
    take,
    take_one,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["default", "kitchen"])
BOARD = "/admin/kitchen/board/"
SEES = {"kitchen", "manager", "support", "superuser"}
MOVES = {"kitchen", "manager", "superuser"}
NOW = timezone.now()


def ticket_of(order: KitchenOrder, code: str) -> Ticket:
    found: Ticket = order.tickets.get(station__code=code)
    return found


def manual(*codes: str) -> None:
    for code in codes:
        station(code, mode=Station.Mode.MANUAL)


def press(client: Client, ticket: Ticket, name: str) -> Any:
    return client.post(f"{BOARD}tickets/{ticket.pk}/{name}/", {}, "application/json")


def state() -> list[Any]:
    return [*Ticket.objects.order_by("id").values(), *KitchenOrder.objects.values(), len(notices())]


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_it_shows_the_board_to_those_who_may_see_tickets(role: str) -> None:
    take_one()
    answer = client_of(role).get(BOARD)
    if role in SEES:
        assert answer.status_code == 200
        assert "Margherita" in answer.content.decode()
    elif role in ("nobody", "customer"):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")
    else:
        assert answer.status_code == 403
        assert "Margherita" not in answer.content.decode()


@pytest.mark.parametrize("name", ["cards", "around"])
@pytest.mark.parametrize("role", ROLES)
def test_it_shows_its_parts_to_the_same(role: str, name: str) -> None:
    manual("oven", "bar")
    order = take_one(line("oven"), line("bar"))
    tick(NOW)
    services.bump(ticket_id=ticket_of(order, "bar").pk, now=NOW)
    answer = client_of(role).get(f"{BOARD}{name}/")
    expected = 401 if role in ("nobody", "customer") else 403
    assert answer.status_code == (200 if role in SEES else expected)
    assert ("#1" in answer.content.decode()) == (role in SEES)
    if role not in SEES:
        assert set(answer.json()) == {"say"}


@pytest.mark.parametrize("name", ["start", "bump", "recall", "acknowledge"])
@pytest.mark.parametrize("role", ROLES)
def test_it_lets_those_move_tickets_who_may_change_them(role: str, name: str) -> None:
    manual("oven", "bar")
    order = take_one(line("oven"), line("bar"))
    ticket = ticket_of(order, "oven")
    if name != "start":
        services.start_ticket(ticket_id=ticket.pk, now=NOW)
    if name == "recall":
        services.bump(ticket_id=ticket.pk, now=NOW)
    if name == "acknowledge":
        services.cancel_order(order_id=order.pk, reason="", now=NOW)
    before = state()
    answer = press(client_of(role), ticket, name)
    expected = 401 if role in ("nobody", "customer") else 403
    assert answer.status_code == (200 if role in MOVES else expected)
    assert (state() != before) == (role in MOVES)


@pytest.mark.parametrize("role", sorted(SEES))
def test_it_offers_no_button_to_who_may_only_look(role: str) -> None:
    manual("oven")
    take_one()
    page = client_of(role).get(BOARD).content.decode()
    assert ('data-deed="start"' in page) == (role in MOVES)


def test_it_takes_a_press_only_as_a_post_of_its_own_page() -> None:
    manual("oven")
    ticket = take_one().tickets.get()
    client = client_of("kitchen", checks_csrf=True)
    before = state()
    address = f"{BOARD}tickets/{ticket.pk}/start/"
    assert client.post(address, {}, "application/json").status_code == 403
    assert client.get(address).status_code == 405
    assert state() == before
    page = client.get(BOARD).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    answer = client.post(address, {}, "application/json", headers={"X-CSRFToken": found[1]})
    assert answer.status_code == 200
    assert state() != before


# --- What it shows --------------------------------------------------------------------------------


def cards(**asked: Any) -> list[picture.Card]:
    return picture.cards(now=NOW, **asked)


def test_it_shows_what_waits_and_cooks_oldest_first() -> None:
    manual("oven", "bar")
    take(created(line("oven"), number=2), now=NOW - timedelta(minutes=1))
    take(created(line("oven"), line("bar"), number=1), now=NOW - timedelta(minutes=9))
    done = take_one(line("bar"), now=NOW - timedelta(minutes=20))
    services.start_ticket(ticket_id=done.tickets.get().pk, now=NOW)
    services.bump(ticket_id=done.tickets.get().pk, now=NOW)
    assert [(c.number, c.station.code) for c in cards()] == [(1, "oven"), (1, "bar"), (2, "oven")]
    assert [(c.number, c.station.code) for c in cards(station="bar")] == [(1, "bar")]
    assert cards(station="grill") == []


def test_it_shows_only_the_orders_asked_for() -> None:
    first, _second = take_one(), take_one()
    assert [c.order_id for c in cards(orders=[first.pk])] == [first.pk]
    assert cards(orders=[uuid7()]) == []


def test_it_shows_lines_options_and_notes_as_the_guest_wrote_them() -> None:
    dish = line(quantity=2, options=[option("Large"), option("Olives")], note="<b>nut</b> allergy")
    take_one(dish)
    (card,) = cards()
    assert [(one.quantity, one.name, one.options) for one in card.lines] == [
        (2, "Margherita", ["Large", "Olives"])
    ]
    assert card.lines[0].is_allergy
    assert not card.is_allergy
    page = client_of("kitchen").get(BOARD).content.decode()
    assert "<b>nut</b>" not in page
    assert "&lt;b&gt;nut&lt;/b&gt; allergy" in page


@pytest.mark.parametrize(
    ("minutes", "pace"), [(4.9, ""), (5, "slow"), (9.9, "slow"), (10, "late"), (90, "late")]
)
def test_it_tells_the_age_by_the_stations_own_thresholds(minutes: float, pace: str) -> None:
    station("oven", warn_after_seconds=300, late_after_seconds=600)
    take_one(now=NOW - timedelta(minutes=minutes))
    assert [card.pace for card in cards()] == [pace]


def test_it_divides_thresholds_by_the_simulations_speed(settings: Any) -> None:
    settings.SIMULATION_SPEED = 60
    station("oven", warn_after_seconds=300, late_after_seconds=600)
    take_one(now=NOW - timedelta(seconds=6))
    assert [card.pace for card in cards()] == ["slow"]


def test_it_says_what_other_stations_still_owe() -> None:
    manual("oven", "bar", "grill")
    order = take_one(line("oven"), line("bar"), line("grill"))
    services.start_ticket(ticket_id=ticket_of(order, "bar").pk, now=NOW)
    services.bump(ticket_id=ticket_of(order, "bar").pk, now=NOW)
    (card,) = cards(station="oven")
    assert [(o.station, o.status) for o in card.elsewhere] == [("Bar", "done"), ("Grill", "queued")]
    assert [o.station for o in card.waits_for] == ["Grill"]


def test_it_keeps_a_cancelled_ticket_until_somebody_took_note() -> None:
    manual("oven")
    order = take_one()
    services.cancel_order(order_id=order.pk, reason="ordered twice", now=NOW)
    (card,) = cards()
    assert (card.status, card.reason, card.pace) == ("cancelled", "ordered twice", "")
    assert "ordered twice" in client_of("support").get(BOARD).content.decode()
    services.acknowledge(ticket_id=card.id, now=NOW)
    assert cards() == []


def test_it_forgets_a_cancel_of_another_shift() -> None:
    manual("oven")
    order = take_one()
    services.cancel_order(order_id=order.pk, reason="", now=NOW - timedelta(hours=9))
    assert cards() == []


def test_it_shows_when_an_automatic_station_is_done() -> None:
    take_one(line(seconds=90), now=NOW)
    tick(NOW)
    (card,) = cards()
    assert card.due_at == NOW + timedelta(seconds=90)
    assert "data-due=" in client_of("kitchen").get(BOARD).content.decode()


def test_it_shows_at_the_pass_what_is_partly_done_and_what_is_missing() -> None:
    manual("oven", "bar")
    take_one(line("oven"), line("bar"))
    order = take_one(line("oven", 300), line("bar"), now=NOW)
    tick(NOW)
    services.bump(ticket_id=ticket_of(order, "bar").pk, now=NOW)
    (one,) = picture.passes(now=NOW)
    assert (one.order_id, one.done, one.is_late) == (order.pk, ["Bar"], False)
    assert [(m.station, m.status) for m in one.missing] == [("Oven", "cooking")]
    assert one.missing[0].expected_at == NOW + timedelta(seconds=300)


@pytest.mark.parametrize(("minutes", "is_late"), [(2, False), (8, True)])
def test_it_says_at_the_pass_which_will_be_late(minutes: int, *, is_late: bool) -> None:
    station("oven", mode=Station.Mode.MANUAL, warn_after_seconds=300, late_after_seconds=600)
    station("bar", mode=Station.Mode.MANUAL)
    order = take_one(line("oven", 300), line("bar"), now=NOW - timedelta(minutes=minutes))
    services.start_ticket(ticket_id=ticket_of(order, "oven").pk, now=NOW)
    services.start_ticket(ticket_id=ticket_of(order, "bar").pk, now=NOW)
    services.bump(ticket_id=ticket_of(order, "bar").pk, now=NOW)
    assert [one.is_late for one in picture.passes(now=NOW)] == [is_late]


def test_it_lists_the_last_twenty_bumps_with_what_when_and_who() -> None:
    manual("oven", "bar")
    for number in range(21):
        order = take_one(line("oven", quantity=number + 1), line("bar"))
        ticket = ticket_of(order, "oven")
        services.start_ticket(ticket_id=ticket.pk, now=NOW)
        services.bump(ticket_id=ticket.pk, now=NOW + timedelta(seconds=number), by="Ana")
    found = picture.last_bumped(now=NOW)
    assert len(found) == 20
    assert (found[0].dishes, found[0].by) == ("21 × Margherita", "Ana")  # noqa: RUF001
    assert found[0].done_at == NOW + timedelta(seconds=20)
    assert found[-1].dishes == "2 × Margherita"  # noqa: RUF001
    assert all(one.can_recall for one in found)
    assert picture.last_bumped(now=NOW, station="bar") == []


@pytest.mark.parametrize("station", ["", "oven"])
def test_it_looks_for_what_was_bumped_no_further_back_than_a_shift(station: str) -> None:
    manual("oven")
    for hours in (9, 7):
        ticket = ticket_of(take_one(line("oven", quantity=hours), line("bar")), "oven")
        services.start_ticket(ticket_id=ticket.pk, now=NOW)
        services.bump(ticket_id=ticket.pk, now=NOW - timedelta(hours=hours))
    found = picture.last_bumped(now=NOW, station=station)
    assert [one.dishes for one in found] == ["7 × Margherita"]  # noqa: RUF001


def test_it_does_not_offer_to_recall_what_has_left() -> None:
    manual("oven")
    ticket = take_one().tickets.get()
    services.start_ticket(ticket_id=ticket.pk, now=NOW)
    services.bump(ticket_id=ticket.pk, now=NOW)
    assert [one.can_recall for one in picture.last_bumped(now=NOW)] == [False]
    assert 'data-deed="recall"' not in client_of("kitchen").get(BOARD).content.decode()


# --- What it answers ------------------------------------------------------------------------------


def test_it_moves_a_ticket_through_its_life_and_names_who_did() -> None:
    manual("oven", "bar")
    order = take_one(line("oven"), line("bar"))
    ticket, client = ticket_of(order, "oven"), client_of("kitchen", name="Ana")
    for name, status in (("start", "cooking"), ("bump", "done"), ("recall", "cooking")):
        assert press(client, ticket, name).json() == {"say": ""}
        ticket.refresh_from_db()
        assert (ticket.status, ticket.moved_by) == (status, "Ana")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("bump", "bump", r"#1 Oven: Ana bumped it \d s ago\."),
        ("start", "start", r"#1 Oven: Ana started or recalled it \d s ago\."),
        ("acknowledge", "acknowledge", r"#1 Oven: Ana took note that it was cancelled \d s ago\."),
        ("cancel", "bump", r"#1 Oven: it was cancelled \d s ago\."),
    ],
)
def test_it_tells_who_comes_second_who_was_first(first: str, second: str, said: str) -> None:
    manual("oven", "bar")
    order = take_one(line("oven"), line("bar"))
    ticket = ticket_of(order, "oven")
    ana, ben = client_of("kitchen", name="Ana"), client_of("manager", name="Ben")
    if first != "start":
        press(ana, ticket, "start")
    if first in ("cancel", "acknowledge"):
        services.cancel_order(order_id=order.pk, reason="", now=timezone.now(), by="Ana")
    if first != "cancel":
        assert press(ana, ticket, first).status_code == 200
    before = state()
    answer = press(ben, ticket, second)
    assert answer.status_code == 409
    assert re.fullmatch(said, answer.json()["say"]), answer.json()
    assert state() == before


def test_it_says_that_the_order_has_left_or_that_there_is_no_room() -> None:
    station("oven", mode=Station.Mode.MANUAL, capacity=1)
    client = client_of("kitchen")
    first, second = take_one().tickets.get(), take_one().tickets.get()
    press(client, first, "start")
    answer = press(client, second, "start")
    assert (answer.status_code, answer.json()["say"]) == (
        409,
        "#1 Oven: the station has no room for another one.",
    )
    press(client, first, "bump")
    answer = press(client, first, "recall")
    assert answer.status_code == 409
    assert "the order is complete and on its way" in answer.json()["say"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_it_recalls_nothing_of_a_cancelled_order(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr("kitchen.board.views.timezone", SimpleNamespace(now=lambda: now))
    manual("oven", "bar")
    client = client_of("kitchen")
    order = take_one(line("oven"), line("bar"))
    ticket = ticket_of(order, "oven")
    for move in ("start", "bump"):
        assert press(client, ticket, move).status_code == 200
    ask_to_cancel(cancel(order.order_id), now=now + timedelta(seconds=1))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    answer = press(client, ticket, "recall")
    assert answer.status_code == 409
    with override(language):
        told = gettext("its order was cancelled %(ago)s") % {"ago": ago(NOW, now=NOW)}
    assert answer.json()["say"] == f"#1 Oven: {told}."
    assert told.isascii() == (language == "en")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tickets/404/bump/", 404),
        ("tickets/1/eat/", 404),
        ("tickets/-1/bump/", 404),
        (f"tickets/{'9' * 18}/bump/", 404),
        (f"tickets/{'9' * 40}/bump/", 404),
    ],
)
def test_it_knows_no_other_tickets_and_deeds(path: str, status: int) -> None:
    take_one()
    before = state()
    answer = client_of("kitchen").post(f"{BOARD}{path}", {}, "application/json")
    assert answer.status_code == status
    assert state() == before


@pytest.mark.parametrize("asked", ["nonsense", "1", str(UUID(int=0)) + "0"])
def test_it_refuses_what_is_no_order(asked: str) -> None:
    answer = client_of("kitchen").get(f"{BOARD}cards/", {"order": asked})
    assert answer.status_code == 400
    assert answer.json()["say"]


def test_it_asks_the_database_as_often_for_fifty_tickets_as_for_one() -> None:
    manual("oven", "bar")
    client = client_of("kitchen")

    def cost(path: str) -> int:
        with CaptureQueriesContext(connections["kitchen"]) as queries:
            assert client.get(f"{BOARD}{path}").status_code == 200
        return len(queries)

    def fill(count: int) -> None:
        for _ in range(count):
            order = take_one(line("oven"), line("bar"))
            ticket = ticket_of(order, "bar")
            services.start_ticket(ticket_id=ticket.pk, now=NOW)
            services.bump(ticket_id=ticket.pk, now=NOW)

    fill(1)
    costs = {path: cost(path) for path in ("", "cards/", "around/")}
    fill(49)
    assert {path: cost(path) for path in costs} == costs == {"": 7, "cards/": 3, "around/": 4}


def test_it_is_in_the_sidebar_of_those_who_may_see_it() -> None:
    for role, sees in (("kitchen", True), ("support", True), ("dispatch", False)):
        page = client_of(role).get("/admin/password_change/").content.decode()
        assert (f'href="{BOARD}"' in page) == sees, role
