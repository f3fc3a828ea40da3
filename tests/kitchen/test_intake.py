"""Taking orders in."""

from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from kitchen.errors import InvalidOrder
from kitchen.models import KitchenOrder, Station, Ticket
from tests.kitchen.ground import (
    NOW,
    ask_to_cancel,
    cancel,
    created,
    line,
    option,
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


def test_it_splits_an_order_into_a_ticket_a_station() -> None:
    order = take_one(
        line("oven", 60, sku="A", name="Pizza", quantity=2, options=[option("Large")], note="hot"),
        line("grill", 300, sku="B", name="Steak"),
        line("oven", 90, sku="C", name="Bread"),
    )

    oven, grill = order.tickets.order_by("id").select_related("station")
    assert (oven.station.code, grill.station.code) == ("oven", "grill")
    assert oven.preparation_seconds == 90
    assert oven.lines == [
        {"sku": "A", "name": "Pizza", "quantity": 2, "options": ["Large"], "note": "hot"},
        {"sku": "C", "name": "Bread", "quantity": 1, "options": [], "note": ""},
    ]
    assert (order.status, order.open_tickets, order.number) == ("queued", 2, 1)
    assert (order.address, order.note) == ("12 Canal Street", "ring twice")
    assert order.correlation_id == "request-1"
    assert order.created_at == oven.queued_at == NOW


def test_it_tells_that_the_order_is_accepted_and_where_it_cooks() -> None:
    order = take_one(line("oven"), line("bar"))

    (message,) = sent()
    assert type(message).__name__ == "OrderAccepted"
    assert message.order_id == str(order.order_id)
    assert message.accepted_at.ToDatetime(NOW.tzinfo) == NOW
    assert list(message.stations) == ["oven", "bar"]


def test_it_makes_a_station_that_it_has_not_seen() -> None:
    take_one(line("tandoor"))

    made = Station.objects.get(code="tandoor")
    assert (made.mode, made.capacity, made.is_open) == ("automatic", None, True)


def test_it_leaves_a_known_station_as_it_is() -> None:
    station("oven", capacity=3, mode=Station.Mode.MANUAL)
    take_one(line("oven"), line("bar"))

    known = Station.objects.get(code="oven")
    assert (known.capacity, known.mode) == (3, "manual")
    assert Station.objects.count() == 2


def test_it_rejects_an_order_that_needs_a_closed_station() -> None:
    station("grill", is_open=False)
    order = take_one(line("oven"), line("grill"))

    (message,) = sent()
    assert type(message).__name__ == "OrderRejected"
    assert message.reason == order.reason == "closed: Grill"
    assert (message.code, list(message.stations)) == ("station_closed", ["grill"])
    assert order.status == "rejected"
    assert not Ticket.objects.exists()
    assert tick() == 0


def test_it_takes_an_order_once_however_often_it_comes() -> None:
    message = created()
    take(message, message)
    take(message)

    assert KitchenOrder.objects.count() == Ticket.objects.count() == 1
    assert sent_names() == ["OrderAccepted"]


def test_it_never_cooks_an_order_whose_cancel_came_first() -> None:
    message, other = created(), created(number=2)
    ask_to_cancel(cancel(message.order_id))
    assert sent_names() == []
    take(message, other)
    tick()

    assert sent_names() == ["OrderAccepted", "OrderCancelled", "OrderCooking"]
    tombstone = KitchenOrder.objects.get(pk=message.order_id)
    assert (tombstone.status, tombstone.number) == ("cancelled", 1)
    assert tombstone.address == "12 Canal Street"
    cancelled = sent()[1]
    assert (cancelled.order_id, cancelled.reason) == (message.order_id, "changed my mind")
    assert list(Ticket.objects.values_list("order_id", flat=True)) == [UUID(other.order_id)]


def test_it_answers_a_tombstones_order_once() -> None:
    message = created()
    ask_to_cancel(cancel(message.order_id))
    take(message)
    take(message)

    assert sent_names() == ["OrderCancelled"]


@pytest.mark.parametrize("lines", [[], [line("")]], ids=["no lines", "no station"])
def test_it_cannot_cook_an_order_without_lines_or_stations(lines: list[object]) -> None:
    message = created()
    del message.lines[:]
    message.lines.extend(lines)  # type: ignore[arg-type]
    with pytest.raises(InvalidOrder):
        take(message)

    assert not KitchenOrder.objects.exists()
    assert sent() == []


def test_it_cannot_read_an_order_id_that_is_none() -> None:
    message = created()
    message.order_id = "1042"
    with pytest.raises(ValueError, match="badly formed"):
        take(message)

    assert not KitchenOrder.objects.exists()


def test_it_keeps_absurd_text_as_it_came() -> None:
    text = "\U0001f355" * 50 + '\u202e\'; DROP TABLE "x" -- \\ \u0000'[:-1] + '{"a": [1]}'
    order = take_one(line(name=text, note=text))

    assert order.tickets.get().lines[0]["name"] == text


def test_it_queues_tickets_in_the_order_of_placing() -> None:
    first, second = uuid7(), uuid7()
    take(created(order_id=second, number=2), created(order_id=first, number=1))

    assert list(Ticket.objects.order_by("id").values_list("order__number", flat=True)) == [1, 2]


def test_it_asks_the_database_as_often_for_a_hundred_orders_as_for_one() -> None:
    station("oven")
    station("grill", is_open=False)

    def cost(count: int) -> int:
        buried = [created() for _ in range(count)]
        ask_to_cancel(*[cancel(m.order_id) for m in buried])
        new = [created() for _ in range(count)]
        closed = [created(line("grill")) for _ in range(count)]
        unseen = [created(line(f"station-{count}-{n}")) for n in range(count)]
        with CaptureQueriesContext(connections["kitchen"]) as queries:
            take(*buried, *new, *closed, *unseen)
        return len(queries)

    assert cost(1) == cost(100)
    assert statuses().count("queued") == 202
    assert ticket_statuses().count("queued") == 202
