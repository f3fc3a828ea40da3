"""An order's events as those who follow it are told them, and their numbers, which never change."""

import json
import threading
import uuid
from typing import Any

import pytest
from django.db import connections, transaction

from orders import services, story
from orders.handlers import apply_status
from orders.models import Order, TimelineEntry
from tests.orders.people import NOW
from tests.orders.test_projection import (
    ACCEPTED,
    CANCEL_REJECTED,
    CANCELLED,
    COOKED,
    COOKING,
    DELIVERED,
    LATER,
    apply,
    event,
    place,
)

WAITING = 0.5


def placed() -> Order:
    order = place()
    TimelineEntry.objects.create(
        order=order, event_id=uuid.uuid4(), type="order_created", status="placed", at=NOW
    )
    return order


def told(order: Order) -> list[tuple[int, str, str]]:
    found = story.read([order.public_id])[order.public_id]
    data = [json.loads(each.data) for each in found.events]
    assert [each.type for each in found.events] == [each["type"] for each in data]
    return [(each["sequence"], each["type"], each["order_status"]) for each in data]


@pytest.mark.django_db(databases=["orders"])
class TestStory:
    def test_it_numbers_what_happened_as_it_was_written(self):
        order = placed()
        apply(event(COOKED, order))
        # Late: it happened before, and is told after.
        apply(event(ACCEPTED, order), event(COOKING, order))
        apply(event(DELIVERED, order))
        apply(event(CANCELLED, order))
        assert told(order) == [
            (1, "order_created", "placed"),
            (2, "order_cooked", "cooked"),
            (3, "order_accepted", "cooked"),
            (4, "order_cooking", "cooked"),
            (5, "order_delivered", "delivered"),
            (6, "order_cancelled", "delivered"),
        ]
        order.refresh_from_db()
        assert order.status == "delivered"

    def test_it_tells_the_same_of_a_number_for_ever(self):
        order = placed()
        apply(event(ACCEPTED, order))
        before = story.read([order.public_id])[order.public_id]
        apply(event(COOKED, order), event(DELIVERED, order))
        after = story.read([order.public_id])[order.public_id]
        assert after.events[:2] == before.events
        assert (before.is_ended, after.is_ended) == (False, True)

    def test_it_does_not_tell_a_repeat(self):
        order, moved = placed(), None
        moved = event(ACCEPTED, order)
        apply(moved)
        apply(moved, event(COOKED, order))
        assert [number for number, *_ in told(order)] == [1, 2, 3]
        assert len(told(order)) == 3

    def test_it_tells_of_some_in_one_query(self, django_assert_num_queries: Any):
        orders = [placed(), placed(), place()]
        apply(event(ACCEPTED, orders[0]))
        unknown = uuid.uuid4()
        with django_assert_num_queries(1, using="orders"):
            found = story.read([*(order.public_id for order in orders), unknown])
        counts = [len(found[order.public_id].events) for order in orders]
        assert counts == [2, 1, 0]
        assert unknown not in found
        assert found[orders[1].public_id].owner == orders[1].customer_id


def _in_another_transaction(work: Any) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections["orders"].close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(databases=["orders"], transaction=True)
@pytest.mark.parametrize("second", ["an event", "the customer"])
def test_no_lower_number_appears_after_a_higher_one_was_seen(second: str):
    order = placed()
    apply(event(COOKING, order))

    def follow_up() -> None:
        if second == "an event":
            apply(event(CANCEL_REJECTED, order))
        else:
            services.request_cancel(public_id=order.public_id, requested_by=order.customer_id)

    # Neither moves the order, whose row an update would lock.
    with transaction.atomic(using="orders"):
        apply_status([event(ACCEPTED, order)], now=LATER)
        other = _in_another_transaction(follow_up)
        other.join(WAITING)
        assert other.is_alive(), "it wrote beside a writer that has not committed"
    other.join(20)
    assert not other.is_alive()
    last = "order_cancel_rejected" if second == "an event" else "order_cancel_requested"
    assert [type_ for _, type_, _ in told(order)] == [
        "order_created",
        "order_cooking",
        "order_accepted",
        last,
    ]
