"""What the live process relies on in a tail, on the embedded broker and on Kafka."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from restaurant.messaging import kafka
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.events import Record
from restaurant.messaging.kafka import Tail
from tests.conftest import Broker
from tests.messaging.toys import send
from tests.servers.wait import wait_until

TOPIC = "tailed"


@pytest.fixture
def tail(broker: Broker) -> Iterator[Tail]:
    if not broker.is_embedded:
        kafka.create_topics([TOPIC], partitions=4, replication=1, config={})
        with closing(Tail([TOPIC], history=40)) as first:
            wait_until(lambda: _partitions(first) == 4)
    with closing(Tail([TOPIC], history=40)) as made:
        yield made


def send_numbered(count: int, *, key: str = "") -> None:
    send((TOPIC, key or f"key-{n}", str(n).encode(), {}) for n in range(count))


def read(tail: Tail, count: int) -> list[Record]:
    found: list[Record] = []

    def has_read() -> bool:
        found.extend(tail.read(500, 0.05))
        return len(found) >= count

    wait_until(has_read)
    return found


def test_it_reads_from_near_the_end_of_each_partition(tail: Tail) -> None:
    send_numbered(100, key="all in one partition")
    sight = tail.look()
    spans = sorted(sight.spans.values())
    assert spans == [(0, 0), (0, 0), (0, 0), (90, 100)]
    assert [int(record.payload) for record in read(tail, 10)] == list(range(90, 100))
    send_numbered(3)
    assert len(read(tail, 3)) == 3
    assert tail.look().cluster == sight.cluster
    assert tail.read(500, 0.2) == []


def test_it_gives_a_partitions_records_in_order_and_once(tail: Tail) -> None:
    tail.look()
    send_numbered(500)
    offsets: dict[int, list[int]] = {}
    for record in read(tail, 500):
        offsets.setdefault(record.partition, []).append(record.offset)
    assert all(found == list(range(len(found))) for found in offsets.values())
    assert sum(map(len, offsets.values())) == 500


@pytest.mark.real_kafka
def test_it_finds_partitions_that_were_added(tail: Tail, broker: Broker) -> None:
    assert len(tail.look().spans) == 4
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    admin.create_partitions([NewPartitions(TOPIC, 6)])[TOPIC].result()
    wait_until(lambda: _partitions(tail) == 6)
    send_numbered(200)
    assert {record.partition for record in read(tail, 200)} == set(range(6))


@pytest.mark.real_kafka
def test_it_waits_for_a_topic_that_is_not_there(broker: Broker) -> None:
    with closing(Tail([TOPIC], history=40)) as tail:
        assert tail.look().spans == {}
        kafka.create_topics([TOPIC], partitions=2, replication=1, config={})
        wait_until(lambda: _partitions(tail) == 2)
        send_numbered(5)
        assert len(read(tail, 5)) == 5


@pytest.mark.real_kafka
def test_it_goes_on_where_it_was_when_the_broker_is_back(tail: Tail, broker: Broker) -> None:
    tail.look()
    send_numbered(5)
    assert len(read(tail, 5)) == 5
    broker.kill()
    wait_until(lambda: tail.read(1, 0.05) or tail.is_away)
    with pytest.raises(BrokerUnavailable):
        tail.look(0.2)
    broker.start()
    wait_until(lambda: _partitions(tail) == 4, seconds=30)
    assert not tail.is_away
    send_numbered(5)
    assert len(read(tail, 5)) == 5


def test_it_says_that_nobody_answers(settings) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:1"
    with pytest.raises(BrokerUnavailable):
        Tail([TOPIC], history=40).look(0.2)


@pytest.mark.once
def test_it_tells_one_embedded_broker_from_the_next(tail: Tail, broker: Broker, settings) -> None:
    before = tail.look().cluster
    broker.clear()
    settings.KAFKA_BOOTSTRAP_SERVERS = broker.bootstrap
    with closing(Tail([TOPIC], history=40)) as other:
        assert other.look().cluster != before


def _partitions(tail: Tail) -> int:
    """Count the partitions it sees; none while their leaders are being chosen."""
    try:
        return len(tail.look().spans)
    except BrokerUnavailable:
        return 0
