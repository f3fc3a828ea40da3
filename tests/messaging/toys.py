"""Small things that the tests of the message kernel share."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from proto.orders_pb2 import OrderCancelRequested, OrderCreated
from restaurant.messaging import contracts
from restaurant.messaging.events import Event, Record
from restaurant.messaging.kafka import Consumer, Producer
from tests.servers.wait import wait_until

SERVICE = "kitchen"
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def created(order_id: str | None = None, *, address: str = "12 Canal Street") -> OrderCreated:
    return OrderCreated(order_id=order_id or str(uuid4()), number=7, address=address)


def cancel_requested(order_id: str | None = None) -> OrderCancelRequested:
    return OrderCancelRequested(order_id=order_id or str(uuid4()), reason="changed my mind")


def headers_for(message: Message, **more: str) -> dict[str, str]:
    return {
        "ce_id": str(uuid4()),
        "ce_type": contracts.type_of(type(message)),
        "ce_time": NOW.isoformat(),
        "correlationid": uuid4().hex,
        **more,
    }


def record_of(message: Message, *, offset: int = 0, partition: int = 0, **headers: str) -> Record:
    """Give the record in which a message arrives."""
    return Record(
        topic=contracts.topic_of(type(message)),
        partition=partition,
        offset=offset,
        key=contracts.key_of(message),
        headers=headers_for(message, **headers),
        payload=message.SerializeToString(),
    )


def publish(messages: Iterable[Message]) -> list[str]:
    """Send messages as another service would, and wait for the broker to have them; gives ids."""
    found = [(message, headers_for(message)) for message in messages]
    send(
        (contracts.topic_of(type(m)), contracts.key_of(m), m.SerializeToString(), headers)
        for m, headers in found
    )
    return [headers["ce_id"] for _, headers in found]


def send(records: Iterable[tuple[str, str, bytes, dict[str, str]]]) -> None:
    """Send topic, key, payload and headers, and wait for the broker to have them."""
    producer = Producer()
    outcomes: list[bool] = []
    sent = 0
    for topic, key, payload, headers in records:
        producer.send(topic, key, payload, headers, outcomes.append)
        sent += 1
    wait_for(producer, outcomes, sent)
    assert all(outcomes)


def wait_for(producer: Producer, outcomes: list[bool], count: int) -> None:
    """Wait until so many records have an outcome."""

    def all_told() -> bool:
        producer.poll(0.05)
        return len(outcomes) == count

    wait_until(all_told, seconds=30)


def collect(
    consumer: Consumer, count: int, *, until: Callable[[list[Record]], bool] | None = None
) -> list[Record]:
    """Read until there are so many records, or until what was read suffices."""
    found: list[Record] = []
    enough = until or (lambda records: len(records) >= count)

    def read_enough() -> bool:
        found.extend(consumer.read(500, 0.05))
        return enough(found)

    wait_until(read_enough, seconds=30)
    return found


def wait_until_assigned(consumer: Consumer) -> None:
    """Wait until it has joined its group, without reading."""

    def assigned() -> bool:
        consumer.wait(0.05)
        return bool(consumer._client.assignment())

    wait_until(assigned, seconds=30)


class Remembering:
    """A handler that keeps what it was given, and raises when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[Event[Any]]] = []
        self.failing: Callable[[Event[Any]], Exception | None] = lambda event: None

    def __call__(self, events: Sequence[Event[Any]], *, now: datetime) -> None:
        for event in events:
            if error := self.failing(event):
                raise error
        self.batches.append(list(events))

    @property
    def events(self) -> list[Event[Any]]:
        return [event for batch in self.batches for event in batch]
