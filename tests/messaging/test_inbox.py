"""What the inbox tells of an event: at which try it was handled, and how often it came again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kitchen.models import InboxMessage, OutboxMessage
from proto.orders_pb2 import OrderCreated
from restaurant.messaging import inbox, outbox, worker
from restaurant.messaging.events import Record
from restaurant.messaging.inbox import Try
from restaurant.messaging.outbox import Outgoing
from restaurant.messaging.retry import Backoff
from tests.messaging.test_worker import FakeConsumer, FakeRelay, Setup
from tests.messaging.toys import NOW, SERVICE, cancel_requested, created, record_of

pytestmark = pytest.mark.django_db(databases=[SERVICE])
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Setup:
    monkeypatch.setattr(worker, "Consumer", FakeConsumer)
    monkeypatch.setattr(worker, "Relay", FakeRelay)
    monkeypatch.setattr(Backoff, "failed", lambda self: 0.0)
    return Setup()


def keep(*records: Record, now: Any = NOW, attempt: Try | None = None) -> int:
    arrived = [(record.event_id, record) for record in records]
    with transaction.atomic(using=SERVICE):
        return len(inbox.keep_new(SERVICE, arrived, now=now, attempt=attempt))


def row_of(record: Record) -> InboxMessage:
    return InboxMessage.objects.get(pk=record.event_id)


def test_it_tells_that_nothing_came_again() -> None:
    record = record_of(created())
    keep(record)
    row = row_of(record)
    assert (row.attempt, row.repeats, row.last_repeat_at) == (1, 0, None)


def test_it_counts_each_copy_that_came_later() -> None:
    record, other = record_of(created()), record_of(created(), offset=1)
    keep(record, other)
    assert keep(record, now=LATER) == 0
    assert keep(record, record, now=LATER + timedelta(minutes=1)) == 0
    row = row_of(record)
    assert (row.repeats, row.last_repeat_at) == (3, LATER + timedelta(minutes=1))
    assert row.handled_at == NOW
    assert row_of(other).repeats == 0


def test_it_counts_a_copy_in_the_same_batch() -> None:
    record = record_of(created())
    assert keep(record, record, record) == 1
    row = row_of(record)
    assert (row.repeats, row.last_repeat_at) == (2, NOW)


def test_it_writes_no_counts_where_nothing_repeats() -> None:
    with CaptureQueriesContext(connections[SERVICE]) as queries:
        keep(record_of(created()), record_of(created(), offset=1))
    assert sum("INSERT" in query["sql"] for query in queries) == 1
    assert not any("UPDATE" in query["sql"] for query in queries)


def test_it_takes_as_many_statements_for_many_repeats_as_for_one() -> None:
    records = [record_of(created(), offset=n) for n in range(50)]
    keep(*records)
    counts = []
    for some in (records[:1], records):
        with CaptureQueriesContext(connections[SERVICE]) as queries:
            keep(*some, now=LATER)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_does_not_take_its_own_earlier_try_for_a_copy() -> None:
    record = record_of(created())
    keep(record, now=LATER, attempt=Try(2, NOW))
    keep(record, now=LATER + timedelta(seconds=1), attempt=Try(3, NOW))
    row = row_of(record)
    assert (row.attempt, row.repeats) == (2, 0)


@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_keeps_at_which_try_a_batch_was_handled(toy: Setup) -> None:
    faults = [OperationalError("away"), OperationalError("away")]
    handle = toy.created.__call__

    def fail(events: Any, *, now: Any) -> None:
        if faults:
            raise faults.pop()
        handle(events, now=now)

    toy.loop.worker.handlers[OrderCreated] = fail  # type: ignore[index]
    first, second = record_of(created()), record_of(created(), offset=1)
    toy.take(first)
    toy.take(second)
    assert (row_of(first).attempt, row_of(second).attempt) == (3, 1)


@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_keeps_that_a_batch_was_handled_one_by_one(toy: Setup) -> None:
    good, bad = record_of(created()), record_of(created(address="bad"), offset=1)

    def fail(events: Any, *, now: Any) -> None:
        if any(event.message.address == "bad" for event in events):
            raise ValueError("bad")

    toy.loop.worker.handlers[OrderCreated] = fail  # type: ignore[index]
    toy.take(good, bad)
    assert [(row_of(r).attempt, row_of(r).repeats) for r in (good, bad)] == [(2, 0), (2, 0)]
    toy.take(good, bad)
    assert [row_of(r).repeats for r in (good, bad)] == [1, 1]


@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_counts_no_copy_where_only_some_of_a_batch_could_be_handled(toy: Setup) -> None:
    """One by one, the first is kept before the database goes away under the second."""
    first, bad, third = (
        record_of(created()),
        record_of(created(address="bad"), offset=1),
        record_of(cancel_requested(), offset=2),
    )
    faults = [OperationalError("away")]

    def fail(events: Any, *, now: Any) -> None:
        if any(event.message.address == "bad" for event in events):
            raise faults.pop() if len(events) == 1 and faults else ValueError("bad")

    toy.loop.worker.handlers[OrderCreated] = fail  # type: ignore[index]
    toy.take(first, bad, third)
    assert InboxMessage.objects.count() == 3
    assert {row.repeats for row in InboxMessage.objects.all()} == {0}


def test_it_keeps_how_often_a_message_was_published_again() -> None:
    message = created()
    with transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(message)], now=NOW)
    assert OutboxMessage.objects.get().republished == 0
    for times in (1, 2):
        OutboxMessage.objects.update(published_at=timezone.now())
        assert outbox.republish(SERVICE, [message.order_id]) == 1
        assert OutboxMessage.objects.get().republished == times
    # What waits to be published already is not counted anew.
    assert outbox.republish(SERVICE, [message.order_id]) == 0
    assert OutboxMessage.objects.get().republished == 2
