"""Orders followed without a stream: lists, and lists that are waited for."""

import threading
import time
from socket import socket
from typing import Any

import pytest

from proto.kitchen_pb2 import OrderAccepted, OrderCancelled
from tests.live.following.ground import Person, ask, knock, move, place, write
from tests.live.ground import LiveProcess
from tests.servers.wait import wait_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "orders"])


def numbers(events: list[dict[str, Any]]) -> list[int]:
    return [event["sequence"] for event in events]


def test_it_answers_at_once_with_what_is_new(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    write(order, OrderAccepted)
    all_of_it = ask(live, order, customer)
    assert all_of_it.status == 200
    assert all_of_it.headers["content-type"] == "application/json"
    assert all_of_it.headers["cache-control"] == "no-store"
    first, second = all_of_it.body()
    assert numbers([first, second]) == [1, 2]
    assert ask(live, order, customer, query="after=1").body() == [second]
    assert ask(live, order, customer, query="after=1", Last_Event_ID="0").body() == [first, second]
    assert ask(live, order, customer, query="after=1&wait=30").body() == [second]
    assert ask(live, order, customer, query="after=2").body() == []
    assert ask(live, order, customer, query="after=900").body() == []


def test_it_waits_for_what_comes(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    timer = threading.Timer(1.0, move, (order, OrderAccepted))
    began = time.monotonic()
    timer.start()
    (event,) = ask(live, order, customer, query="after=1&wait=20").body()
    assert 0.8 < time.monotonic() - began < 5
    assert (event["sequence"], event["type"]) == (2, "order_accepted")
    timer.join()


def test_it_answers_with_nothing_when_time_is_over(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    began = time.monotonic()
    waited = ask(live, order, customer, query="after=1&wait=2")
    assert waited.body() == []
    assert waited.status == 200
    assert 1.9 < time.monotonic() - began < 4


def test_it_waits_for_nothing_after_the_end(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    write(order, OrderCancelled)
    began = time.monotonic()
    over = ask(live, order, customer, query="after=2&wait=20")
    assert time.monotonic() - began < 5
    assert over.status == 204
    assert not {"content-type", "content-length"} & set(over.headers)
    # Who does not wait has asked for a list.
    assert ask(live, order, customer, query="after=2").body() == []


def test_it_answers_who_waits_when_it_stops(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    timer = threading.Timer(1.0, live.ask_to_stop)
    timer.start()
    began = time.monotonic()
    assert ask(live, order, customer, query="after=1&wait=30").body() == []
    assert time.monotonic() - began < 5
    timer.join()


def test_it_forgets_who_waited_and_left(cold: LiveProcess, customer: Person) -> None:
    live = cold.start(LIVE_FOLLOWERS_PER_USER="2")
    order = place(customer)
    waits: list[socket] = []

    def status() -> int:
        return ask(live, order, customer, query="after=1&wait=1").status

    def is_full() -> bool:
        # The question takes a place as well, so perhaps one of theirs.
        waits.append(knock(live, order, customer, "after=1&wait=30"))
        return status() == 429

    wait_until(is_full)
    for wait in waits:
        wait.close()
    wait_until(lambda: status() == 200)
