"""Parts that go away and come back, under a running system."""

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from confluent_kafka import Producer

from tests.flow.house import Guest, House
from tests.servers.wait import wait_until

pytestmark = pytest.mark.slow
PIZZA = ("MARGHERITA", "SIZE-M")
COUNT_DEAD = "from {0}.models import DeadLetter; print(DeadLetter.objects.count())"


@contextmanager
def stopped(house: House, name: str) -> Iterator[None]:
    """Freeze a process: it holds its port and answers nobody."""
    pid = house.up.started()[name]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def dead_letters(house: House, service: str) -> int:
    return int(house.shell(COUNT_DEAD.format(service)))


def test_it_takes_orders_while_kafka_is_away(whole, guest):
    if whole.kafka:
        whole.kafka.kill()
        ids = [guest.order(*PIZZA) for _ in range(5)]
        assert [guest.look(id_)["status"] for id_ in ids] == ["placed"] * 5
        whole.kafka.start()
    else:
        # The supervisor is quick to bring it back, without what it held.
        whole.kill("broker")
        ids = [guest.order(*PIZZA) for _ in range(5)]
    for order_id in ids:
        guest.wait_for(order_id, "delivered", seconds=60)


def test_it_is_never_wrong_without_redis(whole, guest):
    moving = guest.order(*PIZZA)
    guest.look(moving)
    if whole.valkey:
        whole.valkey.kill()
    else:
        whole.kill("valkey")
    order_id = guest.order(*PIZZA)
    assert guest.look(order_id)["status"] in ("placed", "accepted", "cooking")
    guest.wait_for(moving, "delivered")
    if whole.valkey:
        # All of that was read from the database.
        whole.valkey.start()
    guest.wait_for(order_id, "delivered")
    listed = {o["id"]: o["status"] for o in guest.call("GET", "orders/").body["results"]}
    assert {id_: guest.look(id_)["status"] for id_ in listed} == listed


def test_it_lets_remembered_tokens_go_on_while_auth_is_away(house, guest):
    stranger = Guest(house.up.url)
    order_id = guest.order(*PIZZA)
    with stopped(house, "auth"):
        # Several processes answer HTTP, and each remembers for itself: one of them knows the guest.
        answers = [guest.call("GET", f"orders/{order_id}/") for _ in range(4)]
        refused = stranger.call("GET", "orders/")
    assert 200 in {answer.status for answer in answers}
    assert {answer.status for answer in answers} <= {200, 503}
    assert refused.status == 503
    assert refused.retry_after
    assert refused.body["code"]
    wait_until(lambda: stranger.call("GET", "orders/").status == 200, seconds=15)


@pytest.mark.real_kafka
def test_it_waits_for_a_database_and_goes_on(whole, house, guest):
    said = len(house.up.lines)
    with whole.without_database("kitchen"):
        ids = [guest.order(*PIZZA) for _ in range(5)]
        house.up.wait_for(r"kitchen .*worker_waits", since=said)
    for order_id in ids:
        guest.wait_for(order_id, "delivered", seconds=60)
    assert dead_letters(house, "kitchen") == 0


@pytest.mark.real_kafka
def test_it_refuses_orders_clearly_without_their_database(whole, guest):
    with whole.without_database("orders"):
        answer = guest.post_order(*PIZZA)
        assert answer.status == 503
        assert answer.retry_after
        assert guest.call("GET", "orders/").status == 503
    wait_until(lambda: guest.call("GET", "orders/").status == 200)
    assert guest.call("GET", "orders/").body["results"] == []
    guest.wait_for(guest.order(*PIZZA), "delivered")


def test_it_puts_poison_aside_and_its_neighbours_go_on(whole, house, guest):
    order_id = guest.order(*PIZZA)
    poison(house)
    neighbour = guest.order(*PIZZA)
    for id_ in (order_id, neighbour):
        guest.wait_for(id_, "delivered")
    wait_until(lambda: dead_letters(house, "kitchen") == 2)
    assert len([finding for finding in house.audit() if "dead letter" in finding]) == 2

    house.manage("redrive", "kitchen", "--all")
    # They are no better now: both come back, and are told from what was redriven.
    wait_until(lambda: dead_letters(house, "kitchen") == 4)
    waiting = "print(DeadLetter.objects.filter(redriven_at=None).count())"
    assert house.shell(f"from kitchen.models import DeadLetter; {waiting}") == "2"


def poison(house: House) -> None:
    """Send bytes that are no order, an event without an id, and one of a type nobody knows."""
    producer = Producer({"bootstrap.servers": house.kafka_address()})
    good = {
        "ce_id": str(uuid.uuid4()),
        "ce_type": "restaurant.orders.v1.OrderCreated",
        "ce_time": datetime.now(UTC).isoformat(),
    }
    without_id = {**good, "ce_id": ""}
    unknown = {**good, "ce_id": str(uuid.uuid4()), "ce_type": "somebody.elses.v1.Thing"}
    for headers in (good, without_id, unknown):
        producer.produce("order_created", b"\xff\xff", "key", headers=list(headers.items()))
    assert producer.flush(10) == 0
