"""Every topic that the contracts name, and how to make them on a real broker."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from django.conf import settings
from google.protobuf import message_factory
from google.protobuf.message import Message

import proto
from restaurant.messaging import contracts, kafka
from restaurant.messaging.errors import NotAnEvent


def create() -> dict[str, bool]:
    """Create each event's topic and its dead letters'; gives for each whether it is new.

    A topic that is there stays as it is. Raises `BrokerUnavailable`.
    """
    retention = int(settings.KAFKA_TOPIC_RETENTION.total_seconds() * 1000)
    return kafka.create_topics(
        names(),
        partitions=settings.KAFKA_TOPIC_PARTITIONS,
        replication=settings.KAFKA_TOPIC_REPLICATION,
        config={"retention.ms": str(retention)},
    )


def names() -> list[str]:
    """Name all topics, each one's dead letters after it."""
    return [
        name
        for topic in sorted(_event_topics())
        for name in (topic, topic + contracts.DEAD_LETTER_SUFFIX)
    ]


def _event_topics() -> Iterator[str]:
    for kind in _message_types():
        try:
            yield contracts.topic_of(kind)
        except NotAnEvent:
            continue


def _message_types() -> Iterator[type[Message]]:
    for module in pkgutil.iter_modules(proto.__path__):
        if module.name.endswith("_pb2"):
            descriptor = import_module(f"proto.{module.name}").DESCRIPTOR
            for message in descriptor.message_types_by_name.values():
                yield message_factory.GetMessageClass(message)
