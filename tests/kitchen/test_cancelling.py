"""Deciding about cancels."""

from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from kitchen.models import KitchenOrder, OutboxMessage, Ticket
from tests.kitchen.ground import (
    NOW,
    ask_to_cancel,
    cancel,
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


def test_it_cancels_a_queued_order_with_its_tickets() -> None:
    order = take_one(line("oven"), line("bar"))
    ask_to_cancel(cancel(order.order_id, "too slow"))

    order.refresh_from_db()
    assert (order.status, order.open_tickets, order.reason) == ("cancelled", 0, "too slow")
    assert ticket_statuses() == ["cancelled", "cancelled"]
    message = sent()[-1]
    assert (type(message).__name__, message.reason) == ("OrderCancelled", "too slow")
    assert message.cancelled_at.ToDatetime(NOW.tzinfo) == NOW
    assert tick() == 0
    assert "OrderCooking" not in sent_names()


def test_it_cancels_a_cooking_order_and_leaves_what_is_done() -> None:
    order = take_one(line("oven", 0), line("grill", 600))
    tick()
    assert ticket_statuses() == ["done", "cooking"]
    ask_to_cancel(cancel(order.order_id))

    assert ticket_statuses() == ["done", "cancelled"]
    assert statuses() == ["cancelled"]
    assert Ticket.objects.filter(due_at__isnull=False).count() == 0
    assert sent_names() == ["OrderAccepted", "OrderCooking", "OrderCancelled"]


def test_it_refuses_to_cancel_a_cooked_order() -> None:
    order = take_one(line(seconds=0))
    tick()
    ask_to_cancel(cancel(order.order_id))

    assert statuses() == ["cooked"]
    assert ticket_statuses() == ["done"]
    message = sent()[-1]
    assert (type(message).__name__, message.reason) == ("OrderCancelRejected", "already cooked")
    assert message.code == "already_cooked"
    assert "OrderCancelled" not in sent_names()


def test_it_answers_a_second_wish_no_more() -> None:
    order = take_one()
    ask_to_cancel(cancel(order.order_id), cancel(order.order_id, "again"))
    ask_to_cancel(cancel(order.order_id, "again"))

    assert sent_names() == ["OrderAccepted", "OrderCancelled"]
    assert KitchenOrder.objects.get().reason == "changed my mind"


def test_it_does_not_answer_for_a_rejected_order() -> None:
    station(is_open=False)
    order = take_one()
    ask_to_cancel(cancel(order.order_id))

    assert statuses() == ["rejected"]
    assert sent_names() == ["OrderRejected"]


def test_it_leaves_a_tombstone_of_an_unknown_order() -> None:
    order_id = uuid7()
    ask_to_cancel(cancel(order_id, "oops"))
    ask_to_cancel(cancel(order_id, "again"))

    tombstone = KitchenOrder.objects.get()
    assert (tombstone.order_id, tombstone.number) == (order_id, None)
    assert (tombstone.status, tombstone.reason) == ("cancelled", "oops")
    assert sent() == []


def test_it_cancels_an_order_that_came_in_the_same_batch() -> None:
    message = created()
    take(message)
    ask_to_cancel(cancel(message.order_id))

    assert sent_names() == ["OrderAccepted", "OrderCancelled"]
    assert statuses() == ["cancelled"]


def test_it_decides_each_of_a_mixed_batch_by_its_own_state() -> None:
    cooked = take_one(line(seconds=0))
    tick()
    queued, unknown = take_one(), uuid7()
    before = len(sent())
    ask_to_cancel(*[cancel(id_) for id_ in (unknown, queued.order_id, cooked.order_id)])

    answers = {message.order_id: type(message).__name__ for message in sent()[before:]}
    assert answers == {
        str(cooked.order_id): "OrderCancelRejected",
        str(queued.order_id): "OrderCancelled",
    }


def test_it_carries_the_correlation_id_on() -> None:
    order = take_one()
    ask_to_cancel(cancel(order.order_id))

    said = OutboxMessage.objects.exclude(topic="kitchen_changed")
    assert set(said.values_list("correlation_id", flat=True)) == {"request-1"}


def test_it_asks_the_database_as_often_for_a_hundred_wishes_as_for_one() -> None:
    def cost(count: int) -> int:
        cooked = [created(line(seconds=0)) for _ in range(count)]
        take(*cooked)
        tick()
        queued = [created() for _ in range(count)]
        take(*queued)
        ids = [UUID(m.order_id) for m in (*cooked, *queued)] + [uuid7() for _ in range(count)]
        with CaptureQueriesContext(connections["kitchen"]) as queries:
            ask_to_cancel(*[cancel(id_) for id_ in ids])
        return len(queries)

    assert cost(1) == cost(100)
    assert statuses().count("cancelled") == 202
