"""A worker as a process: told to stop, and killed, in the middle of its work."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from kitchen.models import DeadLetter, InboxMessage, OutboxMessage
from restaurant.messaging.kafka import Consumer
from tests.messaging.toy_worker import FLUSH_SECONDS
from tests.messaging.toys import SERVICE, collect, created, publish
from tests.servers.embedded_broker import EmbeddedBroker
from tests.servers.real_kafka import RealKafka
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.django_db(databases=[SERVICE], transaction=True), pytest.mark.slow]
ORDERS = 200
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(broker: EmbeddedBroker | RealKafka, tmp_path: Path) -> Iterator[Start]:
    """Start a worker on this test's database and broker."""
    environment = {
        **os.environ,
        "KITCHEN_DATABASE_URL": database_url(),
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "KAFKA_IS_EMBEDDED": str(broker.is_embedded),
        "CONSUMER_BATCH_SIZE": "10",
    }
    started: list[subprocess.Popen[bytes]] = []

    def run() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.messaging.toy_worker"]
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            worker = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=log)
        started.append(worker)
        return worker

    yield run
    for worker in started:
        worker.kill()
        worker.wait()


def database_url() -> str:
    ours = connections[SERVICE].settings_dict
    if connections[SERVICE].vendor == "sqlite":
        return f"sqlite:///{ours['NAME']}"
    return f"postgres://{ours['USER']}@{ours['HOST']}:{ours['PORT']}/{ours['NAME']}"


def handled() -> int:
    return InboxMessage.objects.count()


def test_it_loses_and_doubles_nothing_when_killed_in_mid_batch(start: Start) -> None:
    messages = [created() for _ in range(ORDERS)]
    publish(messages)
    for _ in range(2):
        before = handled()
        worker = start()
        wait_until(lambda: handled() >= before + 20, seconds=60)  # noqa: B023
        worker.kill()
        worker.wait()
        assert handled() < ORDERS
    start()
    wait_until(
        lambda: OutboxMessage.objects.exclude(published_at=None).count() == ORDERS, seconds=90
    )

    orders = {message.order_id for message in messages}
    accepted = list(OutboxMessage.objects.values_list("key", flat=True))
    assert len(accepted) == handled() == ORDERS
    assert set(accepted) == orders
    assert DeadLetter.objects.count() == 0
    with closing(Consumer("reader", ["order_accepted"])) as reader:
        records = collect(reader, 0, until=lambda found: {r.key for r in found} == orders)
    assert len({record.headers["ce_id"] for record in records}) == ORDERS


def test_it_finishes_its_batch_and_leaves_its_group_when_told_to_stop(start: Start) -> None:
    sent = publish([created() for _ in range(ORDERS)])
    worker = start()
    wait_until(lambda: handled() > 0, seconds=60)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(FLUSH_SECONDS + 30) == 0

    done = {str(id_) for id_ in InboxMessage.objects.values_list("event_id", flat=True)}
    assert 0 < len(done) < ORDERS
    assert OutboxMessage.objects.filter(published_at=None).count() == 0
    # The next member of its group gets the rest, and nothing that was done.
    with closing(Consumer(SERVICE, ["order_created"])) as following:
        rest = collect(following, ORDERS - len(done))
    assert {record.headers["ce_id"] for record in rest} == set(sent) - done


def test_it_does_not_start_on_tables_that_are_not_there(
    broker: EmbeddedBroker | RealKafka, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "KITCHEN_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "tests.messaging.toy_worker"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode != 0
    assert "migrate_services" in ended.stderr
