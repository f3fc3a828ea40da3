"""What a move leaves behind for colleagues: who made it, and a notice for every screen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kitchen import services
from kitchen.errors import AlreadyAcknowledged
from kitchen.models import Station, Ticket
from tests.kitchen.ground import (
    NOW,
    ask_to_cancel,
    cancel,
    created,
    line,
    notices,
    station,
    take,
    take_one,
    tick,
)

pytestmark = pytest.mark.django_db(databases=["kitchen"])
LATER = NOW + timedelta(seconds=5)


def last_notice() -> tuple[list[str], list[str]]:
    notice = notices()[-1]
    return list(notice.order_ids), list(notice.stations)


def a_ticket() -> Ticket:
    station("oven", mode=Station.Mode.MANUAL)
    station("bar", mode=Station.Mode.MANUAL)
    ticket: Ticket = take_one(line("oven"), line("bar")).tickets.get(station__code="oven")
    return ticket


def test_it_names_who_moved_a_ticket_last_and_not_who_did_before() -> None:
    ticket = a_ticket()
    moves: list[tuple[Callable[..., Any], str]] = [
        (services.start_ticket, "Ana"),
        (services.bump, "Ben"),
        (services.recall, "Ana"),
    ]
    for move, who in moves:
        move(ticket_id=ticket.pk, now=LATER, by=who)
        ticket.refresh_from_db()
        assert (ticket.moved_by, ticket.moved_at) == (who, LATER)
    services.cancel_order(order_id=ticket.order_id, reason="", now=LATER, by="Kim")
    ticket.refresh_from_db()
    assert (ticket.moved_by, ticket.cancelled_at) == ("Kim", LATER)
    services.acknowledge(ticket_id=ticket.pk, now=LATER, by="Ana")
    ticket.refresh_from_db()
    assert (ticket.moved_by, ticket.acknowledged_at) == ("Ana", LATER)


def test_it_names_nobody_when_the_timer_moved_it() -> None:
    ticket = take_one(line(seconds=60)).tickets.get()
    services.start_ticket(ticket_id=ticket.pk, now=NOW, by="Ana")
    tick(NOW + timedelta(minutes=1))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.moved_by) == ("done", "")


def test_it_is_acknowledged_once() -> None:
    ticket = a_ticket()
    services.cancel_order(order_id=ticket.order_id, reason="", now=NOW)
    services.acknowledge(ticket_id=ticket.pk, now=NOW, by="Ana")
    with pytest.raises(AlreadyAcknowledged):
        services.acknowledge(ticket_id=ticket.pk, now=LATER, by="Ben")
    ticket.refresh_from_db()
    assert (ticket.acknowledged_at, ticket.moved_by) == (NOW, "Ana")


@pytest.mark.parametrize("count", [1, 50])
def test_it_tells_screens_once_however_many_orders_move(count: int) -> None:
    orders = [created(line(seconds=60)) for _ in range(count)]
    ids = sorted(order.order_id for order in orders)
    take(*orders)
    assert (len(notices()), sorted(last_notice()[0])) == (1, ids)
    tick()
    assert (len(notices()), sorted(last_notice()[0])) == (2, ids)
    tick(NOW + timedelta(minutes=1))
    assert (len(notices()), sorted(last_notice()[0])) == (3, ids)


def test_it_tells_screens_of_what_no_event_tells() -> None:
    ticket = a_ticket()
    services.start_ticket(ticket_id=ticket.pk, now=NOW)
    for move in (services.bump, services.recall):
        before = len(notices())
        move(ticket_id=ticket.pk, now=NOW)
        assert len(notices()) == before + 1
        assert last_notice() == ([str(ticket.order_id)], [])
    ask_to_cancel(cancel(ticket.order_id))
    assert last_notice() == ([str(ticket.order_id)], [])


def test_it_tells_screens_of_a_station_that_closes() -> None:
    station("oven")
    services.set_station_open(code="oven", is_open=False, now=NOW)
    assert last_notice() == ([], ["oven"])


def test_it_tells_screens_nothing_when_nothing_moves() -> None:
    message = created()
    take(message)
    tick()
    before = len(notices())
    take(message)
    tick()
    assert len(notices()) == before
