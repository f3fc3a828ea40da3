"""Looking at topics and groups from outside, on the embedded and the real broker."""

import time
from contextlib import closing

import pytest
from django.conf import settings

from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.kafka import Consumer
from restaurant.messaging.offsets import Sounder, Sounding
from tests.conftest import Broker
from tests.messaging.toys import collect, created, publish
from tests.servers.wait import wait_until

TOPIC, GROUP = "order_created", "kitchen"
READERS = {GROUP: [TOPIC], "orders": [TOPIC], "delivery": ["there_is_none"]}
SECONDS = 5.0


def lag(sounding: Sounding, group: str) -> int:
    return sum(sounding.lag(group, place) for place in sounding.ends)


def test_it_tells_how_far_each_group_has_to_go(broker: Broker) -> None:
    publish([created() for _ in range(10)])
    sounder = Sounder()
    first = sounder.sound(READERS, seconds=SECONDS)
    assert {topic for topic, _ in first.ends} == {TOPIC}
    assert sum(first.ends.values()) == 10
    # Who never committed has everything before them.
    assert (lag(first, GROUP), lag(first, "orders")) == (10, 10)
    assert first.committed["delivery"] == {}
    with closing(Consumer(GROUP, [TOPIC])) as consumer:
        consumer.commit(collect(consumer, 10))
    wait_until(lambda: lag(sounder.sound(READERS, seconds=SECONDS), GROUP) == 0)
    # Nobody reads, and more is sent: as behind a worker that died.
    publish([created() for _ in range(3)])
    later = sounder.sound(READERS, seconds=SECONDS)
    assert (lag(later, GROUP), lag(later, "orders")) == (3, 13)


def test_it_says_in_time_that_nobody_answers() -> None:
    sounder = Sounder(bootstrap="127.0.0.1:1")
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        sounder.sound(READERS, seconds=0.5)
    assert time.monotonic() - began < 1.5


def test_it_goes_where_it_is_told(broker: Broker) -> None:
    publish([created()])
    elsewhere = settings.KAFKA_BOOTSTRAP_SERVERS
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:1"
    try:
        found = Sounder(bootstrap=elsewhere).sound(READERS, seconds=SECONDS)
    finally:
        settings.KAFKA_BOOTSTRAP_SERVERS = elsewhere
    assert sum(found.ends.values()) >= 1
