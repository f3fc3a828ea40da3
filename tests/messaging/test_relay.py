"""The relay sends what was decided, in order, and flags what the broker has."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, transaction

from kitchen.models import OutboxMessage
from restaurant import bulk
from restaurant.messaging import headroom, outbox, relay
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.kafka import Consumer
from restaurant.messaging.outbox import Outgoing
from restaurant.messaging.relay import Relay
from restaurant.messaging.retry import Backoff
from tests.messaging.toys import NOW, SERVICE, collect, created, wait_until_assigned
from tests.servers.real_kafka import RealKafka
from tests.servers.wait import wait_until

pytestmark = pytest.mark.django_db(databases=[SERVICE], transaction=True)
TOPIC = "order_created"


def decide(count: int, *, keys: int = 5, address: str = "") -> list[str]:
    """Write so many events to the outbox; gives their ids in order."""
    orders = [str(uuid4()) for _ in range(keys)]
    with transaction.atomic(using=SERVICE):
        outgoing = [Outgoing(created(orders[n % keys], address=address)) for n in range(count)]
        outbox.add(SERVICE, outgoing, now=NOW)
    rows = OutboxMessage.objects.order_by("-sequence")[:count]
    return [str(row.event_id) for row in reversed(rows)]


def unpublished() -> int:
    return OutboxMessage.objects.filter(published_at=None).count()


class FakeProducer:
    """A broker that acknowledges when it is told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Callable[[bool], None]]] = []
        self.refusing: list[str] = []

    def send(self, topic: str, key: str, payload: bytes, headers: Any, sent: Any) -> None:
        if headers["ce_id"] in self.refusing:
            raise BrokerUnavailable("too large")
        self.sent.append((headers["ce_id"], sent))

    def answer(self, *answers: bool) -> None:
        for ok in answers:
            self.sent.pop(0)[1](ok)

    def poll(self, seconds: float = 0.0) -> None: ...

    def flush(self, seconds: float) -> None: ...

    def drop(self) -> None:
        self.answer(*[False] * len(self.sent))

    @property
    def ids(self) -> list[str]:
        return [id_ for id_, _ in self.sent]


class TestRounds:
    """With a broker that is told what to say."""

    @pytest.fixture(autouse=True)
    def _without_a_broker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.producer = FakeProducer()
        monkeypatch.setattr(relay, "Producer", lambda: self.producer)
        monkeypatch.setattr(Backoff, "failed", lambda backoff: 0.0)

    @pytest.fixture
    def ours(self) -> Iterator[Relay]:
        with closing(Relay(SERVICE)) as found:
            yield found

    def test_it_sends_in_order(self, ours: Relay) -> None:
        ids = decide(10)
        assert ours.step()
        assert self.producer.ids == ids

    def test_it_flags_what_was_acknowledged_and_nothing_else(self, ours: Relay) -> None:
        ids = decide(3)
        ours.step()
        assert unpublished() == 3
        self.producer.answer(True, True)
        ours.step()
        left = OutboxMessage.objects.get(published_at=None)
        assert str(left.event_id) == ids[2]
        assert ours.busy

    def test_it_sends_nothing_twice_while_it_waits(self, ours: Relay) -> None:
        ids = decide(3)
        ours.step()
        decide(2)
        ours.step()
        assert self.producer.ids == ids

    def test_it_sends_a_refused_record_again_and_later_ones_after_it(self, ours: Relay) -> None:
        ids = decide(4)
        ours.step()
        self.producer.answer(True, False)
        ours.step()
        ours.step()
        assert self.producer.ids == ids[1:]
        self.producer.answer(True, True, True)
        ours.step()
        assert unpublished() == 0

    def test_it_lets_nothing_overtake_what_could_not_be_queued(self, ours: Relay) -> None:
        ids = decide(4)
        self.producer.refusing = [ids[2]]
        ours.step()
        assert self.producer.ids == ids[:2]
        self.producer.answer(True, True)
        self.producer.refusing = []
        ours.step()
        ours.step()
        assert self.producer.ids == ids[2:]

    def test_it_flags_later_what_it_could_not_flag(
        self, ours: Relay, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decide(2)
        ours.step()
        self.producer.answer(True, True)
        with monkeypatch.context() as patched:
            patched.setattr(bulk, "update", away)
            with pytest.raises(OperationalError):
                ours.step()
        ours.step()
        assert unpublished() == 0
        assert self.producer.ids == []

    def test_it_sends_again_what_was_sent_but_not_flagged_before_a_crash(self) -> None:
        ids = decide(2)
        crashed = Relay(SERVICE)
        crashed.step()
        self.producer.sent.clear()
        crashed._leadership.release()
        with closing(Relay(SERVICE)) as next_one:
            next_one.step()
            assert self.producer.ids == ids

    def test_it_sends_no_more_at_once_than_a_batch(self, ours: Relay, settings: Any) -> None:
        settings.RELAY_BATCH_SIZE = 3
        ids = decide(5)
        ours.step()
        assert self.producer.ids == ids[:3]

    def test_it_leaves_it_to_the_leader(self, ours: Relay) -> None:
        decide(1)
        ours._leadership = Follower()
        assert not ours.step()
        assert self.producer.ids == []


def away(*_: Any, **__: Any) -> None:
    raise OperationalError("the database is away")


class Follower:
    def held(self) -> bool:
        return False

    def release(self) -> None: ...


def drain(ours: Relay) -> None:
    def all_flagged() -> bool:
        ours.step()
        return unpublished() == 0

    wait_until(all_flagged, seconds=30)


@pytest.fixture
def reader(broker: Any) -> Iterator[Consumer]:
    with closing(Consumer("reader", [TOPIC])) as consumer:
        yield consumer


def by_key(records: Sequence[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in records:
        found.setdefault(record.key, []).append(record.headers["ce_id"])
    return found


@pytest.mark.usefixtures("broker")
def test_it_brings_every_event_to_its_readers_in_order(reader: Consumer) -> None:
    ids = decide(2500)
    with closing(Relay(SERVICE)) as ours:
        drain(ours)
    records = collect(reader, 2500)
    assert {r.headers["ce_id"] for r in records} == set(ids)
    place = {id_: n for n, id_ in enumerate(ids)}
    assert all(found == sorted(found, key=place.get) for found in by_key(records).values())  # type: ignore[arg-type]


@pytest.mark.real_kafka
def test_it_loses_nothing_when_the_broker_is_killed(broker: RealKafka, reader: Consumer) -> None:
    first = decide(50)
    with closing(Relay(SERVICE)) as ours:
        drain(ours)
        broker.kill()
        second = decide(50)
        for _ in range(20):
            ours.step()
        assert unpublished() == 50
        broker.start()
        drain(ours)
    wanted = set(first + second)
    records = collect(reader, 0, until=lambda found: {r.headers["ce_id"] for r in found} == wanted)
    place = {id_: n for n, id_ in enumerate(first + second)}
    for found in by_key(records).values():
        once = list(dict.fromkeys(found))
        assert once == sorted(once, key=place.__getitem__)


class TestHeadroom:
    """The embedded broker forgets the oldest records of a full partition."""

    @pytest.fixture(autouse=True)
    def _small(self, broker: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.KAFKA_IS_EMBEDDED = True
        settings.CONSUMER_GROUPS = ["slow", "quick", "elsewhere"]
        settings.RELAY_BATCH_SIZE = 20
        monkeypatch.setattr(headroom, "LIMIT", 300_000)

    def test_it_stops_when_nobody_reads_and_goes_on_when_they_do(self) -> None:
        decide(300, address="x" * 4000)
        with closing(Relay(SERVICE)) as ours, closing(Consumer("slow", [TOPIC])) as slow:
            held = fill(ours)
            assert 0 < held < 300
            read: list[Any] = []

            def all_read() -> bool:
                records = slow.read(50, 0.05)
                slow.commit(records)
                read.extend(records)
                ours.step()
                return len(read) == 300

            wait_until(all_read, seconds=30)
        assert unpublished() == 0

    def test_it_waits_for_the_slowest_reader(self) -> None:
        decide(300, address="x" * 4000)
        with (
            closing(Relay(SERVICE)) as ours,
            closing(Consumer("slow", [TOPIC])) as slow,
            closing(Consumer("quick", [TOPIC])) as quick,
        ):
            # Both have joined; only one of them goes on.
            for consumer in (slow, quick):
                wait_until_assigned(consumer)
            read: list[Any] = []

            def quick_has_all_there_is() -> bool:
                before = (len(read), unpublished())
                for _ in range(10):
                    records = quick.read(50, 0.05)
                    quick.commit(records)
                    read.extend(records)
                    ours.step()
                return before == (len(read), unpublished()) and bool(read)

            wait_until(quick_has_all_there_is, seconds=30)
            assert 0 < len(read) < 300


def fill(ours: Relay) -> int:
    """Relay until it stops by itself; gives how many were published."""
    published = -1
    while published != (published := 300 - unpublished()) or ours.busy:
        for _ in range(20):
            ours._producer.poll(0.01)
            ours.step()
    return published
