"""What the project relies on in a broker, held against the embedded one and against Kafka."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from uuid import uuid4

import pytest

from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.events import Record
from restaurant.messaging.kafka import Consumer, Producer
from tests.messaging.toys import collect, send, wait_for, wait_until_assigned
from tests.servers.real_kafka import RealKafka
from tests.servers.wait import wait_until

pytestmark = pytest.mark.usefixtures("broker")
TOPIC = "contract"
Member = Callable[[], Consumer]


@pytest.fixture
def group() -> str:
    return f"group-{uuid4().hex[:8]}"


@pytest.fixture
def member(group: str) -> Iterator[Member]:
    """Join the group as one more member."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Consumer(group, [TOPIC])))


def numbered(
    count: int, *, first: int = 0, keys: int = 7
) -> list[tuple[str, str, bytes, dict[str, str]]]:
    return [(TOPIC, f"key-{n % keys}", str(n).encode(), {}) for n in range(first, first + count)]


def numbers(records: Iterable[Record]) -> list[int]:
    return [int(record.payload) for record in records]


def test_it_keeps_the_order_of_each_key(member: Member) -> None:
    send(numbered(2000))
    by_key: dict[str, list[int]] = {}
    for record in collect(member(), 2000):
        by_key.setdefault(record.key, []).append(int(record.payload))
    assert len(by_key) == 7
    assert all(found == sorted(found) for found in by_key.values())
    assert sorted(n for found in by_key.values() for n in found) == list(range(2000))


def test_it_puts_one_key_in_the_same_partition_of_every_topic(group: str) -> None:
    other = "contract-too"
    send([(topic, "an-order", b"0", {}) for topic in (TOPIC, other) for _ in range(3)])
    with closing(Consumer(group, [TOPIC, other])) as consumer:
        assert len({record.partition for record in collect(consumer, 6)}) == 1


def test_it_carries_headers_and_payloads_unchanged(member: Member) -> None:
    headers = {"ce_id": "1", "empty": "", "text": "naïve ☕ 注文"}
    payload = bytes(range(256))
    send([(TOPIC, "k", payload, headers), (TOPIC, "k", b"", {})])
    full, empty = collect(member(), 2)
    assert (full.key, full.payload, full.headers) == ("k", payload, headers)
    assert (empty.payload, empty.headers) == (b"", {})


def test_it_goes_on_from_what_was_committed(group: str) -> None:
    send(numbered(100))
    with closing(Consumer(group, [TOPIC])) as consumer:
        consumer.commit(collect(consumer, 100))
    send(numbered(10, first=100))
    with closing(Consumer(group, [TOPIC])) as consumer:
        assert sorted(numbers(collect(consumer, 10))) == list(range(100, 110))


def test_it_gives_again_what_was_not_committed(group: str) -> None:
    send(numbered(50))
    for _ in range(2):
        with closing(Consumer(group, [TOPIC])) as consumer:
            assert sorted(numbers(collect(consumer, 50))) == list(range(50))


def test_it_commits_every_partition_of_a_batch(group: str) -> None:
    send(numbered(50, keys=50))
    with closing(Consumer(group, [TOPIC])) as consumer:
        batch = collect(consumer, 50)
        assert len({record.partition for record in batch}) == 4
        consumer.commit(batch)
    send([(TOPIC, "key-0", b"50", {})])
    with closing(Consumer(group, [TOPIC])) as consumer:
        assert numbers(collect(consumer, 1)) == [50]


def test_it_gives_each_group_everything(group: str) -> None:
    send(numbered(20))
    for name in (group, f"{group}-other"):
        with closing(Consumer(name, [TOPIC])) as consumer:
            batch = collect(consumer, 20)
            consumer.commit(batch)
            assert sorted(numbers(batch)) == list(range(20))


def test_it_shares_partitions_among_members_and_loses_nothing(member: Member) -> None:
    send(numbered(40, keys=40))
    first = member()
    seen = dict.fromkeys(numbers(collect(first, 40)), first)
    second = member()
    by_second: list[int] = []
    sent = 40

    def both_have_work() -> bool:
        nonlocal sent
        send(numbered(8, first=sent, keys=40))
        sent += 8
        for consumer in (first, second):
            records = consumer.read(500, 0.05)
            consumer.commit(records)
            seen.update(dict.fromkeys(numbers(records), consumer))
        by_second[:] = [n for n, consumer in seen.items() if consumer is second]
        return bool(by_second)

    wait_until(both_have_work, seconds=30)
    second.close()
    missing = set(range(sent)) - set(seen)
    collect(first, 0, until=lambda found: set(numbers(found)) >= missing)


def test_it_waits_without_being_given_anything_or_losing_any(member: Member) -> None:
    send(numbered(30))
    consumer = member()
    first = collect(consumer, 1, until=bool)
    for n in range(10):
        send(numbered(3, first=30 + 3 * n))
        consumer.wait(0.05)
    rest = collect(consumer, 60 - len(first))
    assert sorted(numbers(first + rest)) == list(range(60))


def test_it_loses_nothing_when_assigned_while_it_waits(member: Member) -> None:
    send(numbered(30))
    consumer = member()
    # The group forms meanwhile, so partitions are assigned after wait() paused what there was.
    wait_until_assigned(consumer)
    for _ in range(20):
        consumer.wait(0.05)
    assert sorted(numbers(collect(consumer, 30))) == list(range(30))


def test_it_reads_partitions_that_left_while_it_waited_and_came_back(
    member: Member, group: str
) -> None:
    send(numbered(30))
    consumer = member()
    consumer.commit(collect(consumer, 30))
    all_of_them = len(consumer._client.assignment())
    with closing(Consumer(group, [TOPIC])) as other:

        def have_left() -> bool:
            consumer.wait(0.05)
            assert other.read(1, 0.05) == []
            return 0 < len(other._client.assignment()) < all_of_them

        wait_until(have_left, seconds=30)
    send(numbered(30, first=30))
    all_new = set(range(30, 60))
    # Some come again, since the group moves.
    collect(consumer, 30, until=lambda records: set(numbers(records)) == all_new)


def test_it_takes_large_batches_of_large_records(member: Member) -> None:
    payload = b"x" * 10_000
    send([(TOPIC, str(n), payload, {}) for n in range(1000)])
    assert {record.payload for record in collect(member(), 1000)} == {payload}


def test_it_reads_no_more_than_asked(member: Member) -> None:
    send(numbered(100))
    consumer = member()
    batches: list[int] = []

    def read_all() -> bool:
        batches.append(len(consumer.read(7, 0.05)))
        return sum(batches) == 100

    wait_until(read_all, seconds=30)
    assert max(batches) == 7


@pytest.mark.real_kafka
def test_it_holds_what_is_sent_while_the_broker_is_away(broker: RealKafka, member: Member) -> None:
    send(numbered(10))
    consumer = member()
    before = collect(consumer, 10)
    consumer.commit(before)
    producer = Producer()
    outcomes: list[bool] = []
    broker.kill()
    for record in numbered(10, first=10, keys=1):
        producer.send(*record, outcomes.append)
    producer.poll(0.5)
    assert outcomes == []
    broker.start()
    wait_for(producer, outcomes, 10)
    assert all(outcomes)
    after = collect(consumer, 10, until=lambda found: set(numbers(found)) >= set(range(10, 20)))
    # A commit that was on its way may be lost with the broker: then the first ten come again.
    assert [n for n in numbers(after) if n >= 10] == list(range(10, 20))


def test_it_drops_what_was_queued_and_says_so() -> None:
    producer = Producer()
    outcomes: list[bool] = []
    producer.send(TOPIC, "k", b"1", {}, outcomes.append)
    producer.drop()
    producer.poll(0)
    assert outcomes == [False]


def test_it_refuses_what_can_never_be_sent() -> None:
    with pytest.raises(BrokerUnavailable, match="contract"):
        Producer().send(TOPIC, "k", b"x" * 100_000_001, {}, lambda ok: None)
