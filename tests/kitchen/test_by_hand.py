"""What staff do, and what they are refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from kitchen import services
from kitchen.errors import (
    IllegalTransition,
    KitchenError,
    StationFull,
    UnknownOrder,
    UnknownStation,
    UnknownTicket,
)
from kitchen.models import KitchenOrder, Station, Ticket
from tests.kitchen.ground import (
    NOW,
    line,
    notices,
    sent,
    sent_names,
    station,
    statuses,
    take_one,
    tick,
    ticket_statuses,
)

pytestmark = pytest.mark.django_db(databases=["kitchen"])
LATER = NOW + timedelta(seconds=5)
ACTIONS: dict[str, Callable[..., None]] = {
    "start": services.start_ticket,
    "bump": services.bump,
    "recall": services.recall,
    "acknowledge": services.acknowledge,
}
LEGAL = {
    ("start", "queued"),
    ("bump", "cooking"),
    ("recall", "done"),
    ("acknowledge", "cancelled"),
}


@pytest.fixture
def ticket() -> Ticket:
    """The first ticket of an order that has two, both at manual stations, both queued."""
    station("oven", mode=Station.Mode.MANUAL)
    station("bar", mode=Station.Mode.MANUAL)
    order = take_one(line("oven"), line("bar"))
    return order.tickets.get(station__code="oven")


def bring_to(ticket: Ticket, status: str) -> None:
    if status != "queued":
        tick()
    if status == "done":
        services.bump(ticket_id=ticket.pk, now=NOW)
    if status == "cancelled":
        services.cancel_order(order_id=ticket.order_id, reason="", now=NOW)


def everything() -> list[Any]:
    return [
        len(notices()),
        list(KitchenOrder.objects.values()),
        list(Ticket.objects.order_by("id").values()),
        sent_names(),
    ]


@pytest.mark.parametrize("status", ["queued", "cooking", "done", "cancelled"])
@pytest.mark.parametrize("action", ACTIONS)
def test_it_allows_what_is_legal_and_changes_nothing_otherwise(
    ticket: Ticket, action: str, status: str
) -> None:
    bring_to(ticket, status)
    before = everything()
    if (action, status) in LEGAL:
        ACTIONS[action](ticket_id=ticket.pk, now=LATER)
        assert everything() != before
    else:
        with pytest.raises(IllegalTransition):
            ACTIONS[action](ticket_id=ticket.pk, now=LATER)
        assert everything() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_it_knows_only_tickets_that_exist(action: str) -> None:
    with pytest.raises(UnknownTicket):
        ACTIONS[action](ticket_id=404, now=NOW)


def test_it_starts_by_hand_as_the_clock_does(ticket: Ticket) -> None:
    services.start_ticket(ticket_id=ticket.pk, now=LATER)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.started_at, ticket.due_at) == ("cooking", LATER, None)
    assert statuses() == ["cooking"]
    assert sent_names() == ["OrderAccepted", "OrderCooking"]


def test_it_does_not_start_more_than_the_station_holds() -> None:
    station(capacity=1)
    take_one()
    waiting = take_one().tickets.get()
    tick()
    with pytest.raises(StationFull):
        services.start_ticket(ticket_id=waiting.pk, now=LATER)

    assert ticket_statuses() == ["cooking", "queued"]


def test_it_has_cooked_the_order_with_the_last_bump(ticket: Ticket) -> None:
    tick()
    services.bump(ticket_id=ticket.pk, now=NOW)
    assert "OrderCooked" not in sent_names()
    last = Ticket.objects.get(status="cooking")
    services.bump(ticket_id=last.pk, now=LATER)

    assert statuses() == ["cooked"]
    assert type(sent()[-1]).__name__ == "OrderCooked"
    last.refresh_from_db()
    assert last.done_at == LATER


def test_it_bumps_an_automatic_ticket_before_its_time() -> None:
    ticket = take_one(line(seconds=600)).tickets.get()
    tick()
    services.bump(ticket_id=ticket.pk, now=LATER)

    assert statuses() == ["cooked"]
    assert tick(NOW + timedelta(hours=1)) == 0
    assert sent_names().count("OrderCooked") == 1


def test_it_recalls_until_the_order_is_cooked(ticket: Ticket) -> None:
    tick()
    services.bump(ticket_id=ticket.pk, now=NOW)
    services.recall(ticket_id=ticket.pk, now=LATER)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.done_at) == ("cooking", None)
    order = KitchenOrder.objects.get()
    assert (order.status, order.open_tickets) == ("cooking", 2)

    for open_ticket in Ticket.objects.all():
        services.bump(ticket_id=open_ticket.pk, now=LATER)
    with pytest.raises(IllegalTransition):
        services.recall(ticket_id=ticket.pk, now=LATER)
    assert statuses() == ["cooked"]
    assert sent_names().count("OrderCooked") == sent_names().count("OrderCooking") == 1


def test_it_keeps_when_a_recalled_ticket_was_first_done(ticket: Ticket) -> None:
    tick()
    for at in (NOW, LATER):
        services.bump(ticket_id=ticket.pk, now=at)
        ticket.refresh_from_db()
        assert (ticket.done_at, ticket.first_done_at) == (at, None if at == NOW else NOW)
        services.recall(ticket_id=ticket.pk, now=LATER)
    ticket.refresh_from_db()
    assert (ticket.done_at, ticket.first_done_at) == (None, NOW)


def test_it_cooks_a_recalled_ticket_of_an_automatic_station_again() -> None:
    station("oven", capacity=1)
    order = take_one(line("oven", 60), line("grill", 600))
    tick()
    ticket = order.tickets.get(station__code="oven")
    services.bump(ticket_id=ticket.pk, now=NOW)
    take_one(line("oven", 60))
    tick()
    services.recall(ticket_id=ticket.pk, now=LATER)

    ticket.refresh_from_db()
    assert ticket.due_at == LATER + timedelta(seconds=60)
    assert ticket_statuses() == ["cooking", "cooking", "cooking"]
    take_one(line("oven"))
    tick(NOW + timedelta(seconds=60))
    assert ticket_statuses()[-1] == "queued"


@pytest.mark.parametrize("status", ["queued", "cooking", "done"])
def test_it_lets_staff_cancel_what_is_not_cooked(ticket: Ticket, status: str) -> None:
    bring_to(ticket, status)
    services.cancel_order(order_id=ticket.order_id, reason="no flour", now=LATER)

    assert statuses() == ["cancelled"]
    assert sent()[-1].reason == "no flour"
    with pytest.raises(IllegalTransition):
        services.cancel_order(order_id=ticket.order_id, reason="", now=LATER)
    assert sent_names().count("OrderCancelled") == 1


def test_it_does_not_let_staff_cancel_a_cooked_or_unknown_order() -> None:
    order = take_one(line(seconds=0))
    tick()
    with pytest.raises(IllegalTransition):
        services.cancel_order(order_id=order.order_id, reason="", now=LATER)
    with pytest.raises(UnknownOrder):
        services.cancel_order(order_id=uuid7(), reason="", now=LATER)

    assert statuses() == ["cooked"]


def test_it_opens_and_closes_a_station() -> None:
    station()
    services.set_station_open(code="oven", is_open=False, now=NOW)
    assert take_one().status == "rejected"
    services.set_station_open(code="oven", is_open=True, now=NOW)
    assert take_one().status == "queued"
    with pytest.raises(UnknownStation):
        services.set_station_open(code="bar", is_open=False, now=NOW)


def test_it_has_one_base_for_its_refusals() -> None:
    assert issubclass(StationFull, KitchenError)
