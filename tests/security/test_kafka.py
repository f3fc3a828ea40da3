"""Kafka by TLS and SASL: a message there and back, on a broker that demands it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from restaurant import kafka_security
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.kafka import Consumer, Producer, Tail, create_topics
from restaurant.messaging.offsets import Sounder
from tests.servers.certificates import Authority
from tests.servers.secure_kafka import PASSWORD, USER, SecureKafka
from tests.servers.wait import wait_until

pytestmark = pytest.mark.real_kafka

ACCOUNT = {"username": USER, "password": PASSWORD}


@pytest.fixture(scope="module")
def kafka(authority: Authority) -> Iterator[SecureKafka]:
    server = SecureKafka(authority)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connect(settings: Any, kafka: SecureKafka) -> Any:
    """Have the settings say how to connect, and where, unless `to` another protocol's port."""

    def set_up(protocol: str, to: str = "", **given: str) -> None:
        settings.KAFKA_BOOTSTRAP_SERVERS = kafka.bootstrap_of(to or protocol)
        settings.KAFKA_IS_EMBEDDED = False
        settings.KAFKA_CONFIG = kafka_security.options(protocol=protocol, **given)

    return set_up


def exchange() -> None:
    """Send a record and read it, by each kind of client that there is."""
    topic = f"toys-{uuid4().hex}"
    assert create_topics([topic], partitions=1, replication=1, config={}) == {topic: True}
    producer, sent = Producer(), list[bool]()
    producer.send(topic, "key", b"payload", {}, sent.append)
    producer.flush(30)
    assert sent == [True]
    consumer = Consumer("toys", [topic])
    try:
        (record,) = wait_until(lambda: consumer.read(10, 0.1), seconds=20)
        assert record.payload == b"payload"
        consumer.commit([record])
    finally:
        consumer.close()
    tail = Tail([topic], history=10)
    assert tail.look(10).spans == {(topic, 0): (0, 1)}
    tail.close()
    assert Sounder().sound({"toys": [topic]}, seconds=10).lag("toys", (topic, 0)) == 0


def refused() -> bool:
    try:
        Sounder().sound({"toys": ["toys"]}, seconds=1)
    except BrokerUnavailable:
        return True
    return False


def test_it_shows_its_certificate(connect: Any, authority: Authority) -> None:
    own = authority.issue("kitchen")
    connect("SSL", authority=authority.file, certificate=own.certificate, key=own.key)
    exchange()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"])
def test_it_logs_in_by_tls(connect: Any, authority: Authority, mechanism: str) -> None:
    connect("SASL_SSL", authority=authority.file, mechanism=mechanism, **ACCOUNT)
    exchange()


def test_it_logs_in_without_tls(connect: Any) -> None:
    connect("SASL_PLAINTEXT", mechanism="SCRAM-SHA-512", **ACCOUNT)
    exchange()


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL", "SASL_PLAINTEXT"])
def test_it_is_refused_in_plain_text(connect: Any, protocol: str) -> None:
    connect("PLAINTEXT", to=protocol)
    assert refused()


def test_it_is_refused_without_its_certificate(connect: Any, authority: Authority) -> None:
    connect("SSL", authority=authority.file)
    assert refused()


def test_it_is_refused_with_a_strangers_certificate(
    connect: Any, authority: Authority, stranger: Authority
) -> None:
    own = stranger.issue("kitchen")
    connect("SSL", authority=authority.file, certificate=own.certificate, key=own.key)
    assert refused()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"])
def test_it_is_refused_with_a_wrong_password(
    connect: Any, authority: Authority, mechanism: str
) -> None:
    given = {"mechanism": mechanism, "username": USER, "password": "wrong"}
    connect("SASL_SSL", authority=authority.file, **given)
    assert refused()


def test_it_talks_to_no_broker_of_a_stranger(connect: Any, stranger: Authority) -> None:
    connect("SASL_SSL", authority=stranger.file, mechanism="PLAIN", **ACCOUNT)
    assert refused()
