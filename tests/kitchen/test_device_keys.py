"""Presses that are sent again with the same Idempotency-Key, as when an answer was lost."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from kitchen.models import KeptAnswer, Station, Ticket, TrailEntry
from tests.kitchen.ground import sent_names, station, take_one, tick
from tests.kitchen.test_api import client_with
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=["kitchen"], transaction=True)
REPLAYED = "Idempotent-Replayed"


@pytest.fixture
def device() -> APIClient:
    return client_with("kitchen.change_ticket", "kitchen.change_station")


@pytest.fixture
def ticket() -> Ticket:
    station("oven", mode=Station.Mode.MANUAL)
    order = take_one()
    tick()
    return order.tickets.get()


def press(client: APIClient, what: Any, move: str, key: str = "k1") -> Any:
    kind = "stations" if isinstance(what, str) else "tickets"
    path = f"/api/v1/kitchen/{kind}/{getattr(what, 'pk', what)}/{move}/"
    return client.post(path, headers={"Idempotency-Key": key})


def test_it_bumps_once_and_answers_twice_the_same(device: APIClient, ticket: Ticket) -> None:
    first, again = press(device, ticket, "bump"), press(device, ticket, "bump")
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again[REPLAYED]) == (first.content, "true")
    assert REPLAYED not in first
    assert sent_names().count("OrderCooked") == 1
    assert TrailEntry.objects.count() == 1
    # A new press is a new request.
    assert press(device, ticket, "bump", key="k2").json()["code"] == "ticket_not_cooking"


def test_it_keeps_no_refusal(device: APIClient, ticket: Ticket) -> None:
    assert press(device, ticket, "start").status_code == 409
    assert press(device, ticket, "start").json()["code"] == "ticket_not_queued"
    assert KeptAnswer.objects.count() == 0


def test_it_opens_nothing_again_that_was_closed_meanwhile(device: APIClient) -> None:
    station("oven", is_open=False)
    opened = press(device, "oven", "open")
    assert press(device, "oven", "close", key="k2").status_code == 200
    assert press(device, "oven", "open").content == opened.content
    assert Station.objects.get().is_open is False


def test_a_key_is_of_one_ticket_move_and_person(device: APIClient, ticket: Ticket) -> None:
    other = client_with("kitchen.change_ticket")
    assert press(device, ticket, "bump").status_code == 200
    assert press(other, ticket, "bump").status_code == 409
    assert press(client_with(), ticket, "bump").status_code == 403
    assert press(device, ticket, "recall").json()["code"] == "order_cooked"


def test_a_key_pressed_many_times_at_once_bumps_once(device: APIClient, ticket: Ticket) -> None:
    answers: list[Any] = []
    at_once(*[lambda: answers.append(press(device, ticket, "bump"))] * 8)
    done = [answer for answer in answers if answer.status_code == 200]
    busy = [answer for answer in answers if answer.status_code == 409]
    assert len({answer.content for answer in done}) == 1
    assert {answer.json()["code"] for answer in busy} <= {"idempotency_key_in_use"}
    assert len(done) + len(busy) == 8
    assert sent_names().count("OrderCooked") == 1
    assert TrailEntry.objects.count() == 1
