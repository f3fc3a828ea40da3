"""Every press on a board leaves an entry; one that is refused leaves none."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from unittest.mock import ANY

import pytest
from django.test import Client
from django.urls import reverse

from delivery.board import urls as delivery_board
from delivery.board.views import MOVES as DELIVERY_MOVES
from delivery.models import Courier, Delivery
from kitchen.board import urls as kitchen_board
from kitchen.board.views import MOVES as KITCHEN_MOVES
from tests.boards.staff import client_of
from tests.orders.people import client_of as api_client_of
from tests.orders.people import user
from tests.staff import rows
from tests.staff.test_deeds import cooking_ticket, done_ticket, held, on_the_road
from tests.trail.entries import DATABASES, boss, entries, only

pytestmark = pytest.mark.django_db(databases=DATABASES)


class Press(NamedTuple):
    """A button of a board, a row it works on, what it sends, and what is then recorded of it."""

    board: str
    name: str
    row: Callable[[], Any]
    field: str
    before: object
    after: object
    body: dict[str, Any] = {}
    reason: str = ""


def cancelled_ticket() -> Any:
    return rows.ticket(1, status="cancelled", cancelled_at=rows.NOW)


def waiting() -> Delivery:
    return rows.delivery(1, status="awaiting_courier", waiting_since=rows.NOW)


def assigned() -> Delivery:
    return rows.delivery(1)


def at_home() -> Courier:
    return rows.courier(1, on_shift=False)


def key_of_a_courier() -> str:
    return str(rows.courier(7).pk)


WHY = {"reason": "no way through"}
FAILED: tuple[Any, ...] = ("failure_reason", "", WHY["reason"], WHY, WHY["reason"])
PRESSES = [
    Press("kitchen", "start", lambda: rows.ticket(1), "status", "queued", "cooking"),
    Press("kitchen", "bump", cooking_ticket, "status", "cooking", "done"),
    Press("kitchen", "recall", done_ticket, "status", "done", "cooking"),
    Press("kitchen", "acknowledge", cancelled_ticket, "acknowledged_at", None, ANY),
    Press("delivery", "assign", waiting, "courier", None, ANY, {"courier": key_of_a_courier}),
    Press("delivery", "unassign", assigned, "status", "assigned", "awaiting_courier"),
    Press("delivery", "release", held, "held_by", "Ben", ""),
    Press("delivery", "pick_up", assigned, "status", "assigned", "out_for_delivery"),
    Press("delivery", "deliver", on_the_road, "status", "out_for_delivery", "delivered"),
    Press("delivery", "fail", on_the_road, *FAILED),
    Press("delivery", "give_up", on_the_road, *FAILED),
    Press("delivery", "start_shift", at_home, "on_shift", False, True),
    Press("delivery", "end_shift", lambda: rows.courier(1), "on_shift", True, False),
    Press("delivery", "undo_end_shift", at_home, "on_shift", False, True),
]
MOVES: dict[str, Mapping[str, Any]] = {"kitchen": KITCHEN_MOVES, "delivery": DELIVERY_MOVES}
VIA = {"kitchen": "kitchen_board", "delivery": "dispatch_board"}


def address(press: Press, row: Any) -> str:
    if press.name in MOVES[press.board]:
        return reverse(f"{press.board}_board:move", args=[row.pk, press.name])
    return reverse(f"{press.board}_board:{press.name}", args=[row.pk])


def send(client: Client, press: Press, row: Any) -> Any:
    body = {name: value() if callable(value) else value for name, value in press.body.items()}
    return client.post(address(press, row), body, content_type="application/json")


presses = pytest.mark.parametrize("press", PRESSES, ids=lambda press: press.name)


def test_every_press_of_a_board_is_here(client: Client) -> None:
    boss(client)
    known = set()
    for board, urls in (("kitchen", kitchen_board), ("delivery", delivery_board)):
        for pattern in urls.urlpatterns:
            name = str(pattern.name)
            if name == "move":
                known |= {(board, move) for move in MOVES[board]}
            elif "couriers/" in str(pattern.pattern) or name not in ("board", "cards", "around"):
                known.add((board, name))
    assert {(press.board, press.name) for press in PRESSES} == known


@presses
def test_it_records_a_press(press: Press, client: Client) -> None:
    row = press.row()
    assert send(boss(client), press, row).status_code == 200
    entry = only(object_id=str(row.pk), object_type=row._meta.label_lower)
    assert (entry.action, entry.via, entry.reason) == (press.name, VIA[press.board], press.reason)
    assert (entry.actor, entry.address) == ("boss@example.com", "127.0.0.1")
    assert entry.object_name == str(type(row).objects.get(pk=row.pk))
    assert entry.before[press.field] == press.before
    assert entry.after[press.field] == press.after


@presses
def test_a_press_that_is_refused_leaves_no_entry(press: Press, client: Client) -> None:
    row = press.row()
    boss(client)
    assert send(client, press, row).status_code == 200
    before = len(entries())
    # Twice is once too many; a courier who has it already is not given it either.
    given = type(row).objects.get(pk=row.pk)
    body = {"courier": str(given.courier_id)} if press.name == "assign" else press.body
    assert send(client, press._replace(body=body), row).status_code == 409
    assert len(entries()) == before


def test_the_end_of_a_shift_is_recorded_of_what_it_frees_too(client: Client) -> None:
    delivery = rows.delivery(1)
    courier = delivery.courier
    assert courier is not None
    boss(client)
    freed = client.post(reverse("delivery_board:end_shift", args=[courier.pk])).json()["freed"]
    entry = only(object_type="delivery.delivery", action="end_shift")
    assert entry.before["courier"] == {"key": str(courier.pk), "name": courier.name}
    assert entry.after["courier"] is None
    url = reverse("delivery_board:undo_end_shift", args=[courier.pk])
    assert client.post(url, {"freed": freed}, content_type="application/json").status_code == 200
    entry = only(object_type="delivery.delivery", action="undo_end_shift")
    assert (entry.before["courier"], entry.after["courier"]["name"]) == (None, courier.name)


def test_a_press_on_what_is_not_there_leaves_no_entry(client: Client) -> None:
    boss(client)
    assert client.post(reverse("kitchen_board:move", args=[99, "bump"])).status_code == 404
    assert entries() == []


def sell(client: Client, sku: str, body: Any) -> Any:
    address = reverse("board-availability", args=[sku])
    return client.post(address, body, content_type="application/json")


def test_it_records_a_dish_86d_and_put_back_on_the_kitchens_board(client: Client) -> None:
    item, cook = rows.menu_item(1), client_of("kitchen")
    for available in (False, False, True, True):
        answer = sell(cook, item.sku, {"available": available})
        assert (answer.status_code, answer.json()) == (200, {"say": ""})
        item.refresh_from_db()
        assert item.available is available
    off, back = entries()
    assert (off.action, off.before, off.after) == (
        "take_off",
        {"available": True},
        {"available": False},
    )
    assert (back.action, back.before, back.after) == (
        "put_back",
        {"available": False},
        {"available": True},
    )
    assert {(entry.via, entry.actor) for entry in (off, back)} == {
        ("kitchen_board", "kitchen@example.com")
    }


@pytest.mark.parametrize("role", ["nobody", "customer", "dispatch", "support"])
def test_it_86s_for_nobody_else_there(role: str) -> None:
    item = rows.menu_item(1)
    expected = 401 if role in ("nobody", "customer") else 403
    assert sell(client_of(role), item.sku, {"available": False}).status_code == expected
    item.refresh_from_db()
    assert item.available
    assert entries() == []


def test_it_takes_no_token_there() -> None:
    """A client of the API would be recorded as the board."""
    item, tokens = rows.menu_item(1), api_client_of(user("orders.set_availability"))
    assert sell(tokens, item.sku, '{"available": false}').status_code == 401
    item.refresh_from_db()
    assert item.available


@pytest.mark.parametrize(
    ("sku", "body", "status"),
    [
        ("NOPE", {"available": False}, 404),
        ("", {"available": "no"}, 400),
        ("", {"available": False, "sku": "COLA"}, 400),
        ("", [], 400),
        ("", "{", 400),
    ],
)
def test_it_refuses_there_what_no_button_sends(sku: str, body: Any, status: int) -> None:
    item = rows.menu_item(1)
    answer = sell(client_of("kitchen"), sku or item.sku, body)
    assert answer.status_code == status
    assert answer.json()["say"].startswith("Not done: ")
    item.refresh_from_db()
    assert item.available
    assert entries() == []


def test_it_takes_a_token_of_the_boards_page() -> None:
    item, cook = rows.menu_item(1), client_of("kitchen", checks_csrf=True)
    assert sell(cook, item.sku, {"available": False}).status_code == 403
    item.refresh_from_db()
    assert item.available


def test_a_dish_that_no_database_can_look_for_is_not_there() -> None:
    url = reverse("board-availability", args=["SKU"]).replace("SKU", "a%00b")
    answer = client_of("kitchen").post(url, {"available": False}, "application/json")
    assert answer.status_code == 404


def test_the_board_sends_dishes_there() -> None:
    page = client_of("kitchen").get(reverse("kitchen_board:board")).content.decode()
    assert f'data-availability-url="{reverse("board-availability", args=["SKU"])}"' in page
