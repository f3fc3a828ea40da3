"""The service's process: what it sends and what it hears, over a broker."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from orders.models import DeadLetter, IdempotencyKey, Order, OutboxMessage
from orders.tasks import purge
from orders.worker import worker
from proto import kitchen_pb2, orders_pb2
from restaurant.messaging.kafka import Consumer, Producer
from restaurant.messaging.worker import Loop
from tests.orders.people import NOW, post
from tests.orders.test_projection import ACCEPTED, COOKED, event
from tests.servers.wait import wait_until

pytestmark = [
    pytest.mark.django_db(databases=["orders"], transaction=True),
    pytest.mark.usefixtures("menu", "placed_here", "valkey", "broker"),
]


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop(worker, stop=threading.Event())
    yield loop
    loop.consumer.close()
    loop.relay.close()


def say(kind: Any, order_id: str) -> None:
    """Publish an event as the kitchen would."""
    said = event(kind, order_id)
    headers = {
        "ce_id": str(said.id),
        "ce_time": said.time.isoformat(),
        "ce_type": kind.DESCRIPTOR.full_name,
    }
    sent: list[bool] = []
    producer = Producer()
    payload = said.message.SerializeToString()
    producer.send(said.record.topic, order_id, payload, headers, sent.append)
    producer.flush(30)
    assert sent == [True]


def run_until(loop: Loop, condition: Any) -> None:
    def stepped() -> bool:
        loop.step()
        return bool(condition())

    wait_until(stepped, seconds=30)


def test_orders_reach_the_broker(api: APIClient, loop: Loop):
    placed = post(api).json()
    run_until(loop, lambda: not OutboxMessage.objects.filter(published_at=None).exists())
    reader = Consumer(f"test-{uuid.uuid4()}", ["order_created"])
    (record,) = wait_until(lambda: reader.read(10, 0.2), seconds=30)
    reader.close()
    assert record.key == placed["id"]
    assert orders_pb2.OrderCreated.FromString(record.payload).number == placed["number"]


def test_what_the_kitchen_says_is_shown(api: APIClient, loop: Loop):
    url = post(api)["Location"]
    assert api.get(url).json()["status"] == "placed"
    say(ACCEPTED, str(Order.objects.get().public_id))
    run_until(loop, lambda: Order.objects.get().status == "accepted")
    assert api.get(url).json()["status"] == "accepted"
    told = {entry["type"] for entry in api.get(url + "timeline/").json()}
    assert told == {"order_created", "order_accepted"}


def test_an_event_of_an_unknown_order_is_put_aside_and_its_neighbours_go_on(
    api: APIClient, loop: Loop
):
    post(api)
    say(COOKED, str(uuid.uuid4()))
    say(COOKED, str(Order.objects.get().public_id))
    run_until(loop, lambda: Order.objects.get().status == "cooked" and DeadLetter.objects.exists())
    letter = DeadLetter.objects.get()
    assert letter.type == kitchen_pb2.OrderCooked.DESCRIPTOR.full_name
    assert letter.error.startswith("UnknownOrder")


def test_the_purge_deletes_what_is_old_alone(api: APIClient):
    post(api, **{"Idempotency-Key": "old"})
    IdempotencyKey.objects.update(created_at=NOW.replace(year=2020))
    OutboxMessage.objects.update(published_at=NOW.replace(year=2020))
    post(api, **{"Idempotency-Key": "new"})
    purge()
    assert IdempotencyKey.objects.get().key == "new"
    assert OutboxMessage.objects.count() == 1
    assert Order.objects.count() == 2
