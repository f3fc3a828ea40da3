"""The worker's loop: each event takes effect once, and no message stops its neighbours."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY

from kitchen.models import DeadLetter, InboxMessage, OutboxMessage
from proto.kitchen_pb2 import OrderAccepted
from proto.orders_pb2 import OrderCancelRequested, OrderCreated
from restaurant.messaging import outbox, worker
from restaurant.messaging.events import Record
from restaurant.messaging.outbox import Outgoing
from restaurant.messaging.retry import Backoff
from restaurant.messaging.worker import Loop, Worker
from restaurant.monitor import metrics
from tests.messaging.toys import (
    NOW,
    SERVICE,
    Remembering,
    cancel_requested,
    created,
    record_of,
)

pytestmark = pytest.mark.django_db(databases=[SERVICE])


class FakeConsumer:
    """Gives the batches it holds, one a read, and remembers what was committed."""

    def __init__(self, group: str, topics: Sequence[str]) -> None:
        self.topics = topics
        self.batches: list[list[Record]] = []
        self.committed: list[list[Record]] = []
        self.waits = 0

    def read(self, most: int, seconds: float) -> list[Record]:
        return self.batches.pop(0) if self.batches else []

    def commit(self, records: Sequence[Record]) -> None:
        self.committed.append(list(records))

    def wait(self, seconds: float) -> None:
        self.waits += 1

    def close(self) -> None: ...


class FakeRelay:
    busy = False

    def __init__(self, service: str) -> None: ...

    def step(self) -> bool:
        return False

    def close(self) -> None: ...


class Setup:
    def __init__(self, **options: Any) -> None:
        self.created, self.cancels = Remembering(), Remembering()
        self.stop = threading.Event()
        handlers = {OrderCreated: self.created, OrderCancelRequested: self.cancels}
        self.loop = Loop(Worker(service=SERVICE, handlers=handlers, **options), stop=self.stop)
        self.consumer: Any = self.loop.consumer

    def take(self, *records: Record) -> None:
        """Have the loop take a batch."""
        self.consumer.batches.append(list(records))
        self.loop.step()


@pytest.fixture(autouse=True)
def _without_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "Consumer", FakeConsumer)
    monkeypatch.setattr(worker, "Relay", FakeRelay)
    # What backs off need not be waited for here.
    monkeypatch.setattr(Backoff, "failed", lambda self: 0.0)


@pytest.fixture
def toy() -> Setup:
    return Setup()


def test_it_reads_the_topics_of_its_handlers(toy: Setup) -> None:
    assert toy.consumer.topics == ["order_created", "order_cancel_requested"]


def test_it_tells_of_none_read_before_it_has_read_any() -> None:
    metrics.records_read.clear()
    Setup()
    for topic in ("order_created", "order_cancel_requested"):
        assert REGISTRY.get_sample_value("restaurant_consumer_records_total", {"topic": topic}) == 0


def test_it_hands_a_batch_over_as_lists_in_the_order_of_arrival(toy: Setup) -> None:
    messages = [created(), cancel_requested(), created()]
    toy.take(*map(record_of, messages))
    assert [[e.message for e in batch] for batch in toy.created.batches] == [
        [messages[0], messages[2]]
    ]
    assert [e.message for e in toy.cancels.events] == [messages[1]]


def test_it_hands_over_what_came_around_the_message(toy: Setup) -> None:
    record = record_of(created())
    toy.take(record)
    (event,) = toy.created.events
    assert str(event.id) == record.headers["ce_id"]
    assert event.time == NOW
    assert event.correlation_id == record.headers["correlationid"]
    assert event.record == record


def test_it_handles_a_repeat_within_a_batch_once(toy: Setup) -> None:
    record = record_of(created())
    toy.take(record, record)
    assert len(toy.created.events) == 1


def test_it_handles_a_repeat_in_a_later_batch_once(toy: Setup) -> None:
    record = record_of(created())
    toy.take(record)
    toy.take(record, record_of(created()))
    assert [len(batch) for batch in toy.created.batches] == [1, 1]
    assert len(toy.consumer.committed) == 2


def test_it_commits_the_whole_batch_after_its_transaction(toy: Setup) -> None:
    records = [record_of(created(), partition=p, offset=p) for p in range(4)]
    toy.take(*records)
    assert toy.consumer.committed == [records]
    assert InboxMessage.objects.count() == 4


@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_keeps_nothing_of_a_batch_whose_transaction_failed(toy: Setup) -> None:
    faults = [OperationalError("the database went away")]

    def write_and_fail(events: Any, *, now: Any) -> None:
        outbox.add(SERVICE, [Outgoing(OrderAccepted(order_id="1"))], now=now)
        if faults:
            assert InboxMessage.objects.count() == 1
            raise faults.pop()
        assert OutboxMessage.objects.count() == 1

    toy.loop.worker.handlers[OrderCreated] = write_and_fail  # type: ignore[index]
    toy.take(record_of(created()))
    assert OutboxMessage.objects.count() == 1
    assert DeadLetter.objects.count() == 0
    assert len(toy.consumer.committed) == 1


@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_tries_again_for_as_long_as_a_fault_passes(toy: Setup) -> None:
    faults: list[Exception] = [OperationalError("deadlock detected") for _ in range(30)]
    toy.created.failing = lambda event: faults.pop() if faults else None
    toy.take(record_of(created()), record_of(created()))
    assert len(toy.created.events) == 2
    assert DeadLetter.objects.count() == 0


@pytest.mark.postgres
@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_leaves_a_server_that_takes_no_writes_any_more(toy: Setup) -> None:
    """As a failover makes of the one it left behind: it answers for ever, and takes nothing."""
    with connections[SERVICE].cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    left = connections[SERVICE].connection
    toy.take(record_of(created()))
    assert InboxMessage.objects.count() == len(toy.created.events) == 1
    assert connections[SERVICE].connection is not left


@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_stops_in_a_lasting_fault_without_committing(toy: Setup) -> None:
    def fail(event: Any) -> Exception:
        toy.stop.set()
        return OperationalError("the database is away")

    toy.created.failing = fail
    toy.take(record_of(created()))
    assert toy.consumer.committed == []
    assert InboxMessage.objects.count() == DeadLetter.objects.count() == 0


def test_it_does_not_try_for_ever_what_the_database_can_never_take(toy: Setup) -> None:
    class ProgramLimitExceeded(Exception):
        sqlstate = "54000"

    def fail(event: Any) -> Exception:
        error = OperationalError("index row size exceeds btree maximum")
        error.__cause__ = ProgramLimitExceeded()
        return error

    toy.created.failing = fail
    toy.take(record_of(created()))
    assert DeadLetter.objects.count() == 1


def test_it_buries_the_culprit_alone(toy: Setup) -> None:
    records = [record_of(created(), offset=n) for n in range(5)]
    bad = records[2].event_id
    toy.created.failing = lambda event: ValueError("no such dish\0") if event.id == bad else None
    toy.take(*records, record_of(cancel_requested()))

    handled = {event.id for event in toy.created.events}
    assert handled == {r.event_id for r in records} - {bad}
    assert len(toy.cancels.events) == 1
    letter = DeadLetter.objects.get()
    assert (letter.event_id, letter.topic, letter.offset) == (bad, "order_created", 2)
    assert bytes(letter.payload) == records[2].payload
    assert letter.headers == records[2].headers
    assert letter.error == "ValueError: no such dish\ufffd"
    assert "toys.py" in letter.traceback
    assert len(toy.consumer.committed) == 1


def test_it_tells_of_a_dead_letter_on_its_topic(toy: Setup) -> None:
    record = record_of(created(), offset=9, partition=3)
    toy.created.failing = lambda event: ValueError("no such dish")
    toy.take(record)
    row = OutboxMessage.objects.get()
    assert (row.topic, row.key, bytes(row.payload)) == (
        "order_created.dlt",
        record.key,
        record.payload,
    )
    told = {name: row.headers[name] for name in row.headers if name.startswith("dlt-")}
    assert told == {
        "dlt-service": SERVICE,
        "dlt-topic": "order_created",
        "dlt-partition": "3",
        "dlt-offset": "9",
        "dlt-error": "ValueError: no such dish",
    }
    assert row.headers["ce_id"] == record.headers["ce_id"]


def test_it_buries_a_repeat_of_a_dead_letter_once(toy: Setup) -> None:
    toy.created.failing = lambda event: ValueError("no such dish")
    record = record_of(created())
    toy.take(record)
    toy.take(record)
    assert DeadLetter.objects.count() == OutboxMessage.objects.count() == 1


def unreadable() -> Iterator[Any]:
    good = record_of(created())

    def changed(payload: bytes = good.payload, **headers: str | None) -> Record:
        merged = {**good.headers, "ce_id": str(uuid4()), **headers}
        kept = {name: value for name, value in merged.items() if value is not None}
        return Record(good.topic, 0, 0, good.key, kept, payload)

    yield pytest.param(changed(b"\xff\xff\xff"), id="not-protobuf")
    yield pytest.param(changed(b"\x0a\x02\xff\xfe"), id="text-that-is-not-utf8")
    yield pytest.param(changed(good.payload[:-3]), id="cut-short")
    yield pytest.param(changed(ce_id=None), id="no-id")
    yield pytest.param(changed(ce_id="42"), id="an-id-that-is-no-uuid")
    yield pytest.param(changed(ce_time=None), id="no-time")
    yield pytest.param(changed(ce_time="yesterday"), id="a-time-that-is-none")
    yield pytest.param(changed(ce_time="2026-05-01T12:00:00"), id="a-time-without-zone")
    yield pytest.param(changed(ce_time="0001-01-01T00:00:00+14:00"), id="a-time-before-time")
    yield pytest.param(changed(ce_type=None), id="no-type")
    yield pytest.param(changed(b"", ce_type=None, ce_id=None), id="empty")


@pytest.mark.parametrize("record", list(unreadable()))
def test_it_buries_what_it_cannot_read_and_goes_on(toy: Setup, record: Record) -> None:
    toy.take(record, record_of(created()))
    letter = DeadLetter.objects.get()
    assert letter.error.startswith("InvalidMessage: ")
    assert bytes(letter.payload) == record.payload
    assert bytes(OutboxMessage.objects.get().payload) == record.payload
    assert len(toy.created.events) == 1
    assert len(toy.consumer.committed) == 1


def test_it_does_not_pass_on_a_payload_near_the_brokers_limit(toy: Setup) -> None:
    record = Record("order_created", 0, 0, "k" * 5000, {"x": "y" * 5000}, b"\xff" * 1_000_000)
    toy.take(record)
    assert len(bytes(DeadLetter.objects.get().payload)) == 1_000_000
    assert bytes(OutboxMessage.objects.get().payload) == b""


def test_it_cuts_a_strangers_long_correlation_id(toy: Setup) -> None:
    toy.take(record_of(created(), correlationid="x" * 5000))
    assert toy.created.events[0].correlation_id == "x" * 64


def test_it_skips_and_counts_types_it_does_not_know(toy: Setup) -> None:
    stranger = record_of(created(), ce_type="restaurant.orders.v9.OrderPraised")
    toy.take(stranger, record_of(created()), stranger)
    toy.take(stranger)
    assert toy.loop.skipped == {"restaurant.orders.v9.OrderPraised": 3}
    assert len(toy.created.events) == 1
    assert DeadLetter.objects.count() == 0
    assert InboxMessage.objects.count() == 1
    assert [len(records) for records in toy.consumer.committed] == [3, 1]


def test_it_tells_of_a_batch_after_its_commit_repeats_included() -> None:
    told: list[int] = []
    toy = Setup(after_commit=lambda events: told.append(len(events)))
    record = record_of(created())
    toy.take(record)
    toy.take(record)
    assert told == [1, 1]


def test_it_goes_on_when_what_follows_a_commit_fails() -> None:
    def fail(events: Any) -> None:
        raise ConnectionError("no cache")

    toy = Setup(after_commit=fail)
    toy.take(record_of(created()))
    assert len(toy.created.batches) == len(toy.consumer.committed) == 1


def test_it_ticks_timers_with_the_time_and_a_limit() -> None:
    calls: list[Any] = []
    work = [3, 0]

    def tick(*, now: Any, limit: int) -> int:
        calls.append((now.tzinfo is not None, limit))
        return work.pop(0)

    toy = Setup(timers=[tick])
    assert [toy.loop.step(), toy.loop.step()] == [True, False]
    assert calls == [(True, worker.TIMER_BATCH)] * 2


def test_it_goes_on_without_a_timer_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "failed", lambda self: 60.0)
    tries: list[int] = []
    ticks: list[int] = []

    def fail(*, now: Any, limit: int) -> int:
        tries.append(1)
        raise ValueError("no such station")

    def tick(*, now: Any, limit: int) -> int:
        ticks.append(1)
        return 0

    toy = Setup(timers=[fail, tick])
    toy.take(record_of(created()))
    toy.take(record_of(created()))
    assert (len(tries), len(ticks), len(toy.created.batches)) == (1, 2, 2)


@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_pauses_and_goes_on_when_a_timers_database_is_away() -> None:
    faults = [OperationalError("away")]

    def tick(*, now: Any, limit: int) -> int:
        if faults:
            raise faults.pop()
        return 1

    toy = Setup(timers=[tick])
    assert [toy.loop.step(), toy.loop.step()] == [False, True]


def test_it_takes_as_many_queries_for_a_hundred_events_as_for_one(toy: Setup) -> None:
    def handle(events: Any, *, now: Any) -> None:
        outbox.add(SERVICE, [Outgoing(OrderAccepted(order_id=str(e.id))) for e in events], now=now)

    toy.loop.worker.handlers[OrderCreated] = handle  # type: ignore[index]
    counts = []
    for size in (1, 100):
        with CaptureQueriesContext(connections[SERVICE]) as queries:
            toy.take(*[record_of(created()) for _ in range(size)])
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert OutboxMessage.objects.count() == 101


def test_it_waits_longer_the_longer_it_is_quiet(toy: Setup) -> None:
    for _ in range(20):
        toy.loop.step()
    assert toy.loop.wait == worker.LONGEST_WAIT
    toy.take(record_of(created()))
    assert toy.loop.wait == worker.SHORTEST_WAIT


def test_it_leaves_the_group_when_it_stops(toy: Setup) -> None:
    left: list[str] = []
    toy.consumer.close = lambda: left.append("group")
    relay: Any = toy.loop.relay
    relay.close = lambda: left.append("relay")
    toy.stop.set()
    toy.loop.run()
    assert left == ["group", "relay"]
