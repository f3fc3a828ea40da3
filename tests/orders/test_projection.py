"""How kitchen and delivery events move an order on."""

import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from orders import services
from orders.errors import UnknownOrder
from orders.handlers import MEANINGS, apply_status
from orders.models import Order, TimelineEntry
from orders.worker import worker
from proto import delivery_pb2, kitchen_pb2
from restaurant.messaging import contracts
from restaurant.messaging.events import Event, Record
from tests.orders.people import NOW

pytestmark = pytest.mark.django_db(databases=["orders"])
Status = Order.Status
LATER = NOW + timedelta(minutes=5)

ACCEPTED = kitchen_pb2.OrderAccepted
REJECTED = kitchen_pb2.OrderRejected
COOKING = kitchen_pb2.OrderCooking
COOKED = kitchen_pb2.OrderCooked
CANCELLED = kitchen_pb2.OrderCancelled
CANCEL_REJECTED = kitchen_pb2.OrderCancelRejected
DISPATCHED = delivery_pb2.OrderDispatched
DELIVERED = delivery_pb2.OrderDelivered
FAILED = delivery_pb2.OrderDeliveryFailed


def place(**values: Any) -> Order:
    return Order.objects.create(
        customer_id=uuid.uuid4(),
        currency="EUR",
        total=10,
        address="here",
        created_at=NOW,
        updated_at=NOW,
        **values,
    )


def event(kind: Any, order: Any, **fields: Any) -> Event[Any]:
    order_id = str(getattr(order, "public_id", order))
    message = kind(order_id=order_id, **fields)
    record = Record(contracts.topic_of(kind), 0, 0, order_id, {}, b"")
    return Event(uuid.uuid4(), LATER, "", message, record)


def apply(*events: Event[Any]) -> None:
    with transaction.atomic(using="orders"):
        apply_status(events, now=LATER)


def test_it_follows_an_order_to_the_door():
    order = place()
    steps = [ACCEPTED, COOKING, COOKED, DISPATCHED, DELIVERED]
    seen = []
    for kind in steps:
        apply(event(kind, order))
        order.refresh_from_db()
        seen.append((order.status, order.version, order.updated_at))
    assert seen == [
        (status, version, LATER)
        for version, status in enumerate(
            ["accepted", "cooking", "cooked", "out_for_delivery", "delivered"], start=2
        )
    ]
    assert order.is_ended


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (REJECTED, Status.REJECTED),
        (CANCELLED, Status.CANCELLED),
        (FAILED, Status.DELIVERY_FAILED),
        (DELIVERED, Status.DELIVERED),
    ],
)
def test_it_leaves_an_ended_order_ended(kind: Any, status: str):
    order = place()
    apply(event(kind, order))
    for late in MEANINGS:
        apply(event(late, order))
    order.refresh_from_db()
    assert (order.status, order.version) == (status, 2)
    assert order.timeline.count() == 1 + len(MEANINGS)


def test_it_comes_to_the_same_end_in_whatever_order_events_arrive():
    for kinds in itertools.permutations([ACCEPTED, COOKING, COOKED, DELIVERED]):
        together, apart = place(), place()
        apply(*[event(kind, together) for kind in kinds])
        for kind in kinds:
            apply(event(kind, apart))
        for order in (together, apart):
            order.refresh_from_db()
            assert order.status == Status.DELIVERED
            assert order.timeline.count() == 4


def test_it_never_goes_back():
    order = place()
    apply(event(COOKED, order))
    apply(event(ACCEPTED, order), event(COOKING, order))
    order.refresh_from_db()
    assert (order.status, order.version) == (Status.COOKED, 2)


def test_it_tells_each_event_once_with_its_time_and_detail():
    order = place()
    failed = event(FAILED, order, reason="nobody home", attempts=2)
    apply(failed)
    apply(failed)
    entry = TimelineEntry.objects.get()
    assert (entry.type, entry.status) == ("order_delivery_failed", "delivery_failed")
    assert (entry.event_id, entry.at) == (failed.id, LATER)
    assert entry.detail == {"reason": "nobody home", "attempts": 2}


def test_a_refused_cancel_is_taken_back_and_told():
    order = place(cancel_requested=True, status=Status.COOKED, status_rank=Status.COOKED.rank)
    apply(event(CANCEL_REJECTED, order, reason="already cooked"))
    order.refresh_from_db()
    assert (order.cancel_requested, order.status, order.version) == (False, Status.COOKED, 2)
    entry = TimelineEntry.objects.get()
    assert (entry.status, entry.detail) == ("", {"reason": "already cooked"})


def test_a_refusal_is_told_to_programs_too_where_the_event_does():
    order, refused = place(), {"reason": "already cooked", "code": "already_cooked"}
    apply(event(CANCEL_REJECTED, order, **refused))
    closed = {"reason": "closed: Bar", "code": "station_closed", "stations": ["bar"]}
    apply(event(REJECTED, place(), **closed))
    # As it was written before there were codes.
    apply(event(REJECTED, place(), reason="closed: Bar"))
    told = TimelineEntry.objects.order_by("id").values_list("detail", flat=True)
    assert list(told) == [refused, closed, {"reason": "closed: Bar"}]


def test_moving_on_takes_the_overdue_mark_away():
    order, other = place(), place()
    services.mark_overdue({order.public_id: "late", other.public_id: "late"}, now=NOW)
    apply(event(ACCEPTED, order))
    order.refresh_from_db()
    other.refresh_from_db()
    assert (order.overdue_since, order.overdue_reason) == (None, "")
    assert (other.overdue_since, other.overdue_reason) == (NOW, "late")


@pytest.mark.parametrize("order_id", ["0198f000-0000-7000-8000-000000000000", "", "not-a-uuid"])
def test_it_refuses_an_event_of_no_order_here(order_id: str):
    order = place()
    with pytest.raises((UnknownOrder, ValueError)):
        apply(event(ACCEPTED, order), event(ACCEPTED, order_id))
    order.refresh_from_db()
    assert order.status == Status.PLACED
    assert not TimelineEntry.objects.exists()


def test_it_asks_as_often_for_a_hundred_events_as_for_one():
    counts = []
    for size in (1, 100):
        events = [event(kind, place()) for kind in MEANINGS for _ in range(size)]
        with CaptureQueriesContext(connections["orders"]) as queries:
            apply(*events)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_worker_follows_every_event_of_kitchen_and_delivery():
    told = {
        name
        for module in (kitchen_pb2, delivery_pb2)
        for name, message in module.DESCRIPTOR.message_types_by_name.items()
        if not contracts.is_notice(message.full_name)
    }
    assert {kind.DESCRIPTOR.name for kind in worker.handlers} == told
    assert set(worker.handlers.values()) == {apply_status}


def test_it_lists_unfinished_orders_the_stillest_first():
    moved, still = place(), place()
    place(status=Status.DELIVERED, status_rank=Status.DELIVERED.rank)
    Order.objects.filter(pk=moved.pk).update(updated_at=LATER)
    assert list(services.unfinished_orders()) == [still, moved]


def test_it_marks_overdue_once_and_never_an_ended_order():
    order = place()
    ended = place(status=Status.DELIVERED, status_rank=Status.DELIVERED.rank)
    reasons = {order.public_id: "waits", ended.public_id: "waits"}
    assert services.mark_overdue(reasons, now=NOW) == [order.public_id]
    assert services.mark_overdue({order.public_id: "x" * 300}, now=LATER) == []
    order.refresh_from_db()
    ended.refresh_from_db()
    assert (order.overdue_since, order.overdue_reason) == (NOW, "x" * 200)
    assert ended.overdue_since is None
    assert services.clear_overdue([order.public_id, ended.public_id]) == 1
    order.refresh_from_db()
    assert (order.overdue_since, order.overdue_reason) == (None, "")
