"""A worker that does nothing although it could is not live; one that waits, or has no work, is."""

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from kitchen.models import InboxMessage
from proto.orders_pb2 import OrderCreated
from restaurant.messaging.watch import Watch
from restaurant.messaging.worker import Loop, Worker
from tests.conftest import Broker
from tests.messaging.toys import SERVICE, created, publish
from tests.servers.wait import wait_until

pytestmark = pytest.mark.django_db(databases=[SERVICE], transaction=True)
# Longer than a busy machine keeps a thread waiting.
STUCK_SECONDS = 4.0


class Running:
    """A worker in a thread, and who watches it."""

    def __init__(self) -> None:
        self.may_handle = threading.Event()
        self.may_handle.set()
        self.stop = threading.Event()
        self._is_made = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._is_made.wait(30)

    def __call__(self, events: Sequence[Any], *, now: datetime) -> None:
        self.may_handle.wait(60)

    def _run(self) -> None:
        try:
            # Here, for it holds the connection of its thread.
            self.loop = Loop(Worker(service=SERVICE, handlers={OrderCreated: self}), stop=self.stop)
            self.watch = Watch(self.loop)
            self._is_made.set()
            self.loop.run()
        finally:
            connections.close_all()

    def why(self) -> str:
        return self.watch.why_not_live()

    def end(self) -> None:
        self.may_handle.set()
        self.stop.set()
        self._thread.join(30)


@pytest.fixture
def worker(broker: Broker, settings: Any) -> Iterator[Running]:
    """One that has joined its group and has handled an order."""
    settings.STUCK_SECONDS = STUCK_SECONDS
    publish([created()])
    running = Running()
    wait_until(lambda: InboxMessage.objects.count() == 1, seconds=30)
    yield running
    running.end()


def stays_live(worker: Running, *, seconds: float = 1.5 * STUCK_SECONDS) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert worker.why() == ""
        time.sleep(0.1)


def test_one_that_is_idle_is_ready_and_live(worker: Running) -> None:
    # The first look's client has yet to connect.
    wait_until(
        lambda: worker.watch.needs.look() == {"database:kitchen": "ok", "kafka": "ok"}, seconds=20
    )
    stays_live(worker)


def test_one_whose_handler_hangs_is_not_live(worker: Running) -> None:
    assert worker.why() == ""
    worker.may_handle.clear()
    publish([created()])
    wait_until(lambda: "has not come around" in worker.why(), seconds=20)
    wait_until(lambda: set(worker.watch.needs.look().values()) == {"ok"}, seconds=20)
    worker.may_handle.set()
    wait_until(lambda: worker.why() == "", seconds=10)


def test_one_that_reads_nothing_of_what_waits_for_it_is_not_live(worker: Running) -> None:
    client = worker.loop.consumer._client
    client.pause(client.assignment())
    publish([created() for _ in range(3)])
    wait_until(lambda: "with 3 records to read" in worker.why(), seconds=20)
    assert worker.loop.progress.since() < STUCK_SECONDS
    client.resume(client.assignment())
    wait_until(lambda: InboxMessage.objects.count() == 4, seconds=30)
    wait_until(lambda: worker.why() == "", seconds=10)


def test_one_without_partitions_is_live_whatever_waits(worker: Running) -> None:
    client = worker.loop.consumer._client
    client.pause(client.assignment())
    # As where the group has more members than the topic has partitions.
    worker.loop.consumer._revoke(client, [])
    publish([created()])
    stays_live(worker)
    assert worker.watch.sound().lag(SERVICE, next(iter(worker.watch.sound().ends))) >= 0


def test_one_whose_broker_is_away_is_not_ready_and_lives(worker: Running, broker: Broker) -> None:
    assert worker.why() == ""
    broker.kill()
    try:
        wait_until(
            lambda: worker.watch.needs.look() == {"database:kitchen": "ok", "kafka": "unavailable"},
            seconds=20,
        )
        stays_live(worker)
    finally:
        broker.start()
