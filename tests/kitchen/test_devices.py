"""Devices at the stations: what they press, what they are told, and what others see of it."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from kitchen import services
from kitchen.models import KitchenOrder, OutboxMessage, Station, Ticket, TrailEntry
from tests.kitchen.ground import (
    NOW,
    ask_to_cancel,
    cancel,
    line,
    notices,
    sent_names,
    station,
    take_one,
    tick,
    ticket_statuses,
)
from tests.kitchen.test_api import client_with
from tests.orders.people import client_of, user

pytestmark = pytest.mark.django_db(databases=["kitchen"])
TICKETS, STATIONS = "/api/v1/kitchen/tickets/", "/api/v1/kitchen/stations/"
PRESSES = ["start", "bump", "recall", "acknowledge"]
# Statements of a press: locks, the trail's looks, the writes, the outbox, the answer.
COST = {"start": 10, "bump": 8, "recall": 8}
RIGHTS = ("kitchen.change_ticket", "kitchen.change_station")


@pytest.fixture
def device() -> APIClient:
    return client_with(*RIGHTS)


@pytest.fixture
def ticket() -> Ticket:
    """The first ticket of an order that has two, both at manual stations, both queued."""
    station("oven", mode=Station.Mode.MANUAL, capacity=1)
    station("bar", mode=Station.Mode.MANUAL)
    order = take_one(line("oven"), line("bar"))
    return order.tickets.get(station__code="oven")


def press(client: APIClient, ticket: Ticket, move: str, body: Any = None) -> Any:
    return client.post(f"{TICKETS}{ticket.pk}/{move}/", body, format="json")


def press_station(client: APIClient, code: str, move: str, body: Any = None) -> Any:
    return client.post(f"{STATIONS}{code}/{move}/", body, format="json")


def status_of(response: Any) -> str:
    assert response.status_code == 200, response.json()
    return str(response.json()["status"])


def refusal(response: Any, status: int = 409) -> tuple[str, str]:
    assert response.status_code == status, response.json()
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["code"], response.json()["detail"]


def written() -> tuple[int, int]:
    return OutboxMessage.objects.count(), TrailEntry.objects.count()


def test_it_starts_bumps_and_recalls_and_answers_with_the_ticket(
    device: APIClient, ticket: Ticket
) -> None:
    started = press(device, ticket, "start")
    assert (status_of(started), started.json()["id"]) == ("cooking", ticket.pk)
    assert started.json()["started_at"] is not None
    assert started.json()["due_at"] is None

    bumped = press(device, ticket, "bump", {})
    assert status_of(bumped) == "done"
    assert bumped.json() == client_with("kitchen.view_ticket").get(f"{TICKETS}{ticket.pk}/").json()
    assert status_of(press(device, ticket, "recall")) == "cooking"


def test_it_tells_the_services_and_the_boards_as_a_board_does(
    device: APIClient, ticket: Ticket
) -> None:
    other = Ticket.objects.exclude(pk=ticket.pk).get()
    for each, move in [(ticket, "start"), (ticket, "bump"), (other, "start"), (other, "bump")]:
        told = len(notices())
        assert press(device, each, move).status_code == 200
        assert notices()[told].order_ids == [str(ticket.order_id)]
    assert sent_names() == ["OrderAccepted", "OrderCooking", "OrderCooked"]
    assert KitchenOrder.objects.get().status == "cooked"


def read(client: APIClient, ticket: Ticket) -> Any:
    return client.get(f"{TICKETS}{ticket.pk}/").json()


def cancelled_ones(client: APIClient, **filters: str) -> list[int]:
    answer = client.get(TICKETS, {"sort": "oldest", **filters})
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def test_it_takes_note_of_a_cancelled_ticket(ticket: Ticket) -> None:
    device = client_with(*RIGHTS, "kitchen.view_ticket")
    other = ticket.order.tickets.exclude(pk=ticket.pk).get()
    take_one()
    ask_to_cancel(cancel(ticket.order_id))
    assert cancelled_ones(device, acknowledged="false") == [ticket.pk, other.pk]
    assert read(device, ticket)["acknowledged_at"] is None

    noted = press(device, ticket, "acknowledge")
    assert status_of(noted) == "cancelled"
    assert noted.json()["acknowledged_at"] is not None
    assert noted.json() == read(device, ticket)
    assert cancelled_ones(device, acknowledged="false") == [other.pk]
    assert cancelled_ones(device, acknowledged="true") == [ticket.pk]
    assert cancelled_ones(device, status="cancelled") == [ticket.pk, other.pk]


def test_it_leaves_what_a_colleague_took_note_of(ticket: Ticket) -> None:
    ask_to_cancel(cancel(ticket.order_id))
    cleo, device = replace(user(*RIGHTS), name="Cleo"), client_with(*RIGHTS)
    noted = press(client_of(cleo), ticket, "acknowledge")
    is_so = written()
    again = press(device, ticket, "acknowledge")
    assert (again.status_code, again.json()) == (200, noted.json())
    assert Ticket.objects.get(pk=ticket.pk).moved_by == "Cleo"
    assert written() == is_so


@pytest.mark.parametrize(
    ("move", "before", "code", "told"),
    [
        ("start", ["start"], "ticket_not_queued", "started or recalled it"),
        ("bump", [], "ticket_not_cooking", "it waits to be started"),
        ("bump", ["start", "bump"], "ticket_not_cooking", "bumped it"),
        ("recall", [], "ticket_not_done", "it waits to be started"),
        ("recall", ["start", "bump", "recall"], "ticket_not_done", "started or recalled it"),
        ("acknowledge", [], "ticket_not_cancelled", "it waits to be started"),
    ],
)
def test_it_names_the_state_to_who_comes_second_and_changes_nothing(
    device: APIClient, ticket: Ticket, move: str, before: list[str], code: str, told: str
) -> None:
    for each in before:
        assert press(device, ticket, each).status_code == 200
    was, is_so = Ticket.objects.values().get(pk=ticket.pk), written()

    found, detail = refusal(press(device, ticket, move))
    assert found == code
    assert detail.startswith(f"#{ticket.order.number} Oven: ")
    assert told in detail
    assert detail.endswith("Read the ticket again, and show it as it is.")
    assert (Ticket.objects.values().get(pk=ticket.pk), written()) == (was, is_so)


def test_it_says_when_an_order_is_complete_that_nothing_can_be_recalled(device: APIClient) -> None:
    order = take_one()
    tick()
    ticket = order.tickets.get()
    services.bump(ticket_id=ticket.pk, now=NOW)
    code, detail = refusal(press(device, ticket, "recall"))
    assert code == "order_cooked"
    assert "the order is complete and on its way" in detail
    assert sent_names().count("OrderCooked") == 1


def test_it_says_when_an_order_was_cancelled_that_nothing_can_be_recalled(
    device: APIClient, ticket: Ticket
) -> None:
    for move in ("start", "bump"):
        assert press(device, ticket, move).status_code == 200
    ask_to_cancel(cancel(ticket.order_id))
    code, detail = refusal(press(device, ticket, "recall"))
    assert code == "order_ended"
    assert "its order was cancelled" in detail
    assert "on its way" not in detail
    assert Ticket.objects.get(pk=ticket.pk).status == "done"


def test_it_says_when_a_station_is_full(device: APIClient, ticket: Ticket) -> None:
    assert press(device, ticket, "start").status_code == 200
    second = take_one(line("oven")).tickets.get()
    code, detail = refusal(press(device, second, "start"))
    assert code == "station_full"
    assert "no room for another one. Bump a ticket that cooks there, or wait." in detail
    assert Ticket.objects.get(pk=second.pk).status == "queued"


@pytest.mark.parametrize("move", PRESSES)
@pytest.mark.parametrize("key", ["404", "9" * 30, "0"])
def test_it_knows_only_tickets_that_are_there(device: APIClient, move: str, key: str) -> None:
    response = device.post(f"{TICKETS}{key}/{move}/")
    assert refusal(response, 404)[0] == "not_found"


@pytest.mark.parametrize("move", [*PRESSES, "burn"])
def test_it_is_pressed_by_post_alone(device: APIClient, ticket: Ticket, move: str) -> None:
    for method in ("get", "put", "patch", "delete"):
        response = getattr(device, method)(f"{TICKETS}{ticket.pk}/{move}/")
        assert response.status_code == (404 if move == "burn" else 405)
    assert ticket_statuses() == ["queued", "queued"]


@pytest.mark.parametrize("move", PRESSES)
def test_it_lets_press_only_who_may(ticket: Ticket, move: str) -> None:
    assert press(APIClient(), ticket, move).status_code == 401
    for rights in [(), ("kitchen.view_ticket",), ("kitchen.change_station",)]:
        assert refusal(press(client_with(*rights), ticket, move), 403)[0] == "permission_denied"
    assert ticket_statuses() == ["queued", "queued"]
    assert TrailEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ('{"station": "oven"}', 400, "invalid"),
        ("[]", 400, "invalid"),
        ("null", 400, "invalid"),
        ("{", 400, "malformed"),
        ("[" * 60_000, 400, "malformed"),
        ("\ud800".encode("utf-8", "surrogatepass"), 400, "malformed"),
    ],
)
def test_it_refuses_a_body_that_it_does_not_know(
    device: APIClient, ticket: Ticket, body: str | bytes, status: int, code: str
) -> None:
    path = f"{TICKETS}{ticket.pk}/start/"
    response = device.post(path, body, content_type="application/json")
    assert refusal(response, status)[0] == code
    assert device.post(path, "a=1", content_type="text/plain").status_code == 415
    assert ticket_statuses() == ["queued", "queued"]


def test_it_names_the_field_that_it_does_not_know(device: APIClient, ticket: Ticket) -> None:
    response = press(device, ticket, "start", {"statoin": "oven"})
    assert response.json()["errors"] == [
        {"pointer": "/statoin", "code": "unknown_field", "detail": "There is no such field."}
    ]


def test_it_records_who_pressed_by_the_api(ticket: Ticket) -> None:
    device = client_with(*RIGHTS)
    assert press(device, ticket, "start").status_code == 200
    assert press(device, ticket, "start").status_code == 409
    entry = TrailEntry.objects.get()
    user = device.handler._force_user  # type: ignore[attr-defined]
    assert (entry.action, entry.via, entry.actor_id) == ("start", "api", user.pk)
    assert (entry.object_type, entry.object_id) == ("kitchen.ticket", str(ticket.pk))
    assert (entry.before["status"], entry.after["status"]) == ("queued", "cooking")


def test_it_tells_colleagues_who_was_first(ticket: Ticket) -> None:
    cleo = replace(user(*RIGHTS), name="Cleo")
    assert press(client_of(cleo), ticket, "start").status_code == 200
    assert Ticket.objects.get(pk=ticket.pk).moved_by == "Cleo"
    _code, detail = refusal(press(client_with(*RIGHTS), ticket, "start"))
    assert detail.startswith(f"#{ticket.order.number} Oven: Cleo started or recalled it")


def test_it_closes_and_opens_a_station(device: APIClient) -> None:
    station("oven")
    take_one()
    closed = press_station(device, "oven", "close")
    assert (closed.status_code, closed.json()["is_open"]) == (200, False)
    assert closed.json()["queued"] == 1
    assert take_one().status == "rejected"

    assert press_station(device, "oven", "open").json()["is_open"] is True
    assert take_one().status == "queued"
    assert [entry.action for entry in TrailEntry.objects.order_by("id")] == ["close", "open"]
    told = [list(notice.stations) for notice in notices()]
    assert told.count(["oven"]) == 2


def test_it_leaves_a_station_as_asked_however_often(device: APIClient) -> None:
    station("oven")
    answers = [press_station(device, "oven", "close") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert TrailEntry.objects.count() == 1


def test_it_lets_open_and_close_only_who_may() -> None:
    station("oven")
    for rights in [(), ("kitchen.view_station",), ("kitchen.change_ticket",)]:
        assert press_station(client_with(*rights), "oven", "close").status_code == 403
    assert press_station(APIClient(), "oven", "close").status_code == 401
    assert press_station(client_with(*RIGHTS), "bar", "close").status_code == 404
    assert press_station(client_with(*RIGHTS), "oven", "close", {"why": "?"}).status_code == 400
    assert Station.objects.get().is_open


def test_it_asks_the_database_no_more_often_for_many_tickets(
    device: APIClient, ticket: Ticket
) -> None:
    def cost(each: Ticket, move: str) -> int:
        with CaptureQueriesContext(connections["kitchen"]) as queries:
            assert press(device, each, move).status_code == 200
        return len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    costs = {move: cost(ticket, move) for move in ("start", "bump", "recall")}
    for _ in range(20):
        take_one(line("oven"), line("bar"))
    assert press(device, ticket, "bump").status_code == 200
    again = Ticket.objects.filter(status="queued", station__code="oven").earliest("id")
    assert {move: cost(again, move) for move in costs} == costs
    assert costs == COST
