"""Cooking by the clock."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from kitchen.models import KitchenOrder, Station, Ticket
from tests.kitchen.ground import (
    NOW,
    created,
    line,
    sent,
    sent_names,
    station,
    statuses,
    take,
    take_one,
    tick,
    ticket_statuses,
)

pytestmark = pytest.mark.django_db(databases=["kitchen"])


def after(seconds: float):
    return NOW + timedelta(seconds=seconds)


def test_it_starts_a_ticket_and_says_so() -> None:
    order = take_one(line("oven", 60))
    assert tick() == 1

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.started_at) == ("cooking", NOW)
    assert ticket.due_at == after(60)
    assert statuses() == ["cooking"]
    message = sent()[-1]
    assert (type(message).__name__, message.station) == ("OrderCooking", "oven")
    assert message.order_id == str(order.order_id)
    assert message.started_at.ToDatetime(NOW.tzinfo) == NOW


def test_it_divides_the_time_by_the_simulations_speed(settings) -> None:
    settings.SIMULATION_SPEED = 120
    take_one(line(seconds=60))
    tick()

    assert Ticket.objects.get().due_at == after(0.5)


def test_it_never_finishes_early() -> None:
    take_one(line(seconds=60))
    tick()
    assert tick(after(59.999999)) == 0
    assert ticket_statuses() == ["cooking"]
    assert tick(after(60)) == 1
    assert ticket_statuses() == ["done"]


def test_it_tells_when_the_last_ticket_is_done() -> None:
    order = take_one(line("oven", 60), line("grill", 90))
    tick()
    tick(after(60))
    assert ticket_statuses() == ["done", "cooking"]
    order.refresh_from_db()
    assert (order.status, order.open_tickets) == ("cooking", 1)
    assert sent_names() == ["OrderAccepted", "OrderCooking"]

    tick(after(90))
    order.refresh_from_db()
    assert (order.status, order.open_tickets) == ("cooked", 0)
    message = sent()[-1]
    assert type(message).__name__ == "OrderCooked"
    assert (message.number, message.address) == (1, "12 Canal Street")
    assert message.note == "ring twice"
    assert message.cooked_at.ToDatetime(NOW.tzinfo) == after(90)
    done = Ticket.objects.order_by("id").values_list("done_at", flat=True)
    assert list(done) == [after(60), after(90)]


def test_it_says_once_that_an_order_cooks() -> None:
    station("grill", capacity=1)
    take_one(line("grill"))
    take_one(line("oven"), line("bar"), line("grill"))
    tick()
    tick(after(60))

    assert sent_names().count("OrderCooking") == 2
    assert ticket_statuses() == ["done", "done", "done", "cooking"]


def test_it_cooks_what_takes_no_time_in_one_tick() -> None:
    take_one(line("oven", 0), line("grill", 0))

    assert tick() == 4
    assert sent_names() == ["OrderAccepted", "OrderCooking", "OrderCooked"]


def test_it_keeps_to_the_capacity_and_to_the_order_of_coming() -> None:
    station(capacity=2)
    take(*[created(line(seconds=60), number=n) for n in range(1, 5)])
    tick()
    assert ticket_statuses() == ["cooking", "cooking", "queued", "queued"]
    assert tick(after(30)) == 0

    tick(after(60))
    assert ticket_statuses() == ["done", "done", "cooking", "cooking"]


def test_it_starts_tickets_of_one_station_though_another_is_full() -> None:
    station("oven", capacity=1)
    take_one(line("oven"))
    take_one(line("oven"), line("bar"))
    tick()

    assert ticket_statuses() == ["cooking", "queued", "cooking"]


def test_it_starts_what_waits_at_a_manual_station_and_leaves_it_to_staff() -> None:
    station(mode=Station.Mode.MANUAL, capacity=1)
    take_one()
    take_one()
    tick()
    assert tick(after(86400)) == 0

    assert ticket_statuses() == ["cooking", "queued"]
    assert Ticket.objects.filter(due_at__isnull=False).count() == 0


def test_it_cooks_what_a_closed_station_had_taken() -> None:
    oven = station()
    take_one(line(seconds=0))
    Station.objects.filter(pk=oven.pk).update(is_open=False)
    tick()

    assert statuses() == ["cooked"]


def test_it_heeds_the_limit() -> None:
    take(*[created(line("oven", 0), line("bar", 0)) for _ in range(8)])

    assert tick(limit=5) == 5
    assert ticket_statuses().count("cooking") == 5
    assert tick(limit=7) == 7
    assert ticket_statuses().count("done") == 5


def test_it_starves_no_station_beside_a_long_queue() -> None:
    take(*[created(line("oven")) for _ in range(20)], created(line("bar")))
    tick(limit=10)

    assert Ticket.objects.get(station__code="bar").status == "cooking"
    assert ticket_statuses().count("cooking") == 10


def test_it_rests_at_the_price_of_two_questions() -> None:
    station(capacity=1)
    take_one()
    take_one()
    tick()

    with CaptureQueriesContext(connections["kitchen"]) as queries:
        assert tick() == 0
    assert len(queries) == 2


def test_it_asks_the_database_as_often_for_a_thousand_tickets_as_for_one() -> None:
    def cost(count: int) -> int:
        take(*[created(line("oven", 0), line("grill", 0)) for _ in range(count)])
        with CaptureQueriesContext(connections["kitchen"]) as queries:
            tick(limit=10_000)
        return len(queries)

    assert cost(1) == cost(500)
    assert KitchenOrder.objects.filter(status="cooked").count() == 501


def test_it_carries_the_correlation_id_on() -> None:
    order = take_one(line(seconds=0))
    tick()

    outbox = KitchenOrder._meta.apps.get_model("kitchen", "OutboxMessage")
    rows = outbox.objects.filter(key=str(order.order_id))
    assert [row.correlation_id for row in rows] == ["request-1"] * 3
