"""Every topic that the contracts name, and how to make them on a real broker."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from itertools import chain

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
    """Name all topics, each one's dead letters after it; a notice has none."""
    return sorted(chain.from_iterable(_topics_of(kind) for kind in _message_types()))


def _topics_of(kind: type[Message]) -> list[str]:
    try:
        topic = contracts.topic_of(kind)
    except NotAnEvent:
        return []
    if contracts.is_notice(contracts.type_of(kind)):
        return [topic]
    return [topic, topic + contracts.DEAD_LETTER_SUFFIX]


def _message_types() -> Iterator[type[Message]]:
    for module in pkgutil.iter_modules(proto.__path__):
        if module.name.endswith("_pb2"):
            descriptor = import_module(f"proto.{module.name}").DESCRIPTOR
            for message in descriptor.message_types_by_name.values():
                yield message_factory.GetMessageClass(message)
