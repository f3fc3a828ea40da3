"""Devices that press at the same time, each with a database connection of its own."""

import pytest

from kitchen import services
from kitchen.errors import IllegalTransition
from kitchen.models import KitchenOrder, Ticket, TrailEntry
from tests.kitchen.ground import (
    NOW,
    ask_to_cancel,
    cancel,
    created,
    line,
    sent_names,
    station,
    statuses,
    take,
    tick,
)
from tests.kitchen.test_api import client_with
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=["kitchen"], transaction=True)
ORDERS = 20


@pytest.fixture(autouse=True)
def _manual_stations(transactional_db: None) -> None:
    for code in ("oven", "bar"):
        station(code, mode="manual")


def presser(tickets: list[int], move: str, answers: list[tuple[int, int]]) -> None:
    """Press all of these on one device, and note what each was answered."""
    device = client_with("kitchen.change_ticket")
    for ticket in tickets:
        response = device.post(f"/api/v1/kitchen/tickets/{ticket}/{move}/")
        answers.append((ticket, response.status_code))


def test_two_devices_bump_and_one_of_them_wins() -> None:
    take(*[created(line("oven")) for _ in range(ORDERS)])
    tick()
    tickets = list(Ticket.objects.values_list("id", flat=True))
    answers: list[tuple[int, int]] = []

    at_once(*[lambda: presser(tickets, "bump", answers)] * 2)

    assert sorted(answers) == sorted([(t, 200) for t in tickets] + [(t, 409) for t in tickets])
    assert sent_names().count("OrderCooked") == ORDERS
    assert statuses() == ["cooked"] * ORDERS
    assert TrailEntry.objects.count() == ORDERS


def test_two_devices_take_note_of_a_cancel_and_one_of_them_is_named() -> None:
    orders = [created(line("oven")) for _ in range(ORDERS)]
    take(*orders)
    ask_to_cancel(*[cancel(order.order_id) for order in orders])
    tickets = list(Ticket.objects.values_list("id", flat=True))
    answers: list[tuple[int, int]] = []

    at_once(*[lambda: presser(tickets, "acknowledge", answers)] * 2)

    assert sorted(answers) == sorted([(t, 200) for t in tickets] * 2)
    assert TrailEntry.objects.count() == ORDERS


def test_a_recall_races_the_last_bump_of_its_order_and_either_comes_first() -> None:
    take(*[created(line("oven"), line("bar")) for _ in range(ORDERS)])
    tick()
    done = list(Ticket.objects.filter(station__code="oven").values_list("id", flat=True))
    last = list(Ticket.objects.filter(station__code="bar").values_list("id", flat=True))
    for ticket in done:
        services.bump(ticket_id=ticket, now=NOW)
    recalls: list[tuple[int, int]] = []
    bumps: list[tuple[int, int]] = []

    at_once(lambda: presser(done, "recall", recalls), lambda: presser(last, "bump", bumps))

    assert {status for _ticket, status in bumps} == {200}
    for ticket, status in recalls:
        order = KitchenOrder.objects.get(tickets=ticket)
        # Recalled in time, the order cooks on; too late, it is cooked and stays so.
        expected = ("cooking", 1) if status == 200 else ("cooked", 0)
        assert (order.status, order.open_tickets) == expected, status
    assert {status for _ticket, status in recalls} <= {200, 409}
    assert sent_names().count("OrderCooked") == [status for _t, status in recalls].count(409)


def test_two_devices_start_no_more_than_a_station_holds() -> None:
    station("grill", mode="manual", capacity=1)
    take(created(line("grill")), created(line("grill")))
    answers: list[tuple[int, int]] = []

    at_once(
        *[
            lambda t=t: presser([t], "start", answers)
            for t in Ticket.objects.values_list("id", flat=True)
        ]
    )

    assert sorted(status for _ticket, status in answers) == [200, 409]
    assert Ticket.objects.filter(status="cooking").count() == 1
    with pytest.raises(IllegalTransition):
        services.start_ticket(ticket_id=Ticket.objects.get(status="cooking").pk, now=NOW)
