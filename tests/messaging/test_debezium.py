"""docker/debezium: what the connector publishes of the outbox is what the relay would publish."""

import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from confluent_kafka import Consumer, TopicPartition
from django.db import connections, transaction
from django.utils import timezone

from orders.models import OutboxMessage
from restaurant.messaging import dead_letters, events, figures, outbox
from restaurant.messaging.outbox import Outgoing
from restaurant.messaging.relay import Relay
from tests.blocks import only
from tests.messaging.toys import NOW, cancel_requested, created, record_of
from tests.servers.connect import Connect
from tests.servers.real_kafka import RealKafka
from tests.servers.wait import wait_until

ROOT = Path(__file__).resolve().parents[2]
RECIPE = only("operations.md", "Debezium in the relay's place")
CONNECTOR = ROOT / "docker" / "debezium" / "orders.json"
ROUTER = "transforms.outbox."
# Without these a reader cannot tell what an event is.
NEEDED = {"ce_id", "ce_type", "ce_time", "correlationid"}
SERVICE = "orders"
TOPICS = ["order_created", "order_cancel_requested"]
SECONDS = 120


class Seen(NamedTuple):
    """A message as readers have it, without what Debezium adds and what nobody reads."""

    topic: str
    partition: int
    key: bytes
    payload: bytes
    headers: dict[str, str]


@pytest.fixture
def ground(
    transactional_db: None, broker: RealKafka, settings: Any, tmp_path: Path
) -> Iterator[RealKafka]:
    """The role, publication and slot that the handbook has made, and the setting."""
    connection = connections[SERVICE]
    settings.OUTBOX_CAPTURED = [SERVICE]
    with connection.cursor() as sql:
        for statement in _from_handbook(tmp_path, str(connection.settings_dict["NAME"])):
            sql.execute(statement)
        with _asked_for_its_password(sql):
            yield broker
        # Whoever reads it may need a moment to be gone.
        wait_until(lambda: not figures._is_captured(SERVICE))
        sql.execute("SELECT pg_drop_replication_slot('orders_outbox')")
        sql.execute("DROP PUBLICATION orders_outbox; DROP OWNED BY debezium; DROP ROLE debezium")


@pytest.fixture
def connect(ground: RealKafka, tmp_path: Path) -> Iterator[Connect]:
    at = connections[SERVICE].settings_dict
    config = json.loads(CONNECTOR.read_text())["config"]
    server = {
        "name": "orders-outbox",
        "database.hostname": str(at["HOST"]),
        "database.port": str(at["PORT"]),
        "database.dbname": str(at["NAME"]),
        # In the file that the recipe has written.
        "database.password": config["database.password"].replace("/run", str(tmp_path / "docker")),
    }
    connect = Connect(ground.bootstrap, {**config, **server})
    yield connect
    connect.stop()


@contextmanager
def _asked_for_its_password(sql: Any) -> Iterator[None]:
    """Have the server, which lets everybody else in, demand the connector's password."""
    sql.execute("SHOW hba_file")
    file = Path(sql.fetchone()[0])
    before = file.read_text()
    try:
        file.write_text(f"host all debezium 127.0.0.1/32 scram-sha-256\n{before}")
        sql.execute("SELECT pg_reload_conf()")
        yield
    finally:
        file.write_text(before)
        sql.execute("SELECT pg_reload_conf()")


def _from_handbook(folder: Path, database: str) -> list[str]:
    """Carry the recipe out in a folder as if that were the checkout; gives its SQL's statements."""
    (folder / "docker" / "secrets").mkdir(parents=True)
    script = ["bash", "-euc", f"dc() {{ cat; }}\n{RECIPE.text}"]
    sql = subprocess.run(script, cwd=folder, capture_output=True, text=True, check=True).stdout
    return sql.replace(f"DATABASE {SERVICE} ", f"DATABASE {database} ").strip().split(";\n")


def _decide(orders: Sequence[str]) -> None:
    """Decide on two messages of each order, in a transaction each."""
    for order in orders:
        for message in (created(order), cancel_requested(order)):
            with transaction.atomic(using=SERVICE):
                outgoing = [Outgoing(message, f"request-of-{order[:8]}")]
                outbox.add(SERVICE, outgoing, now=timezone.now())


def _read(broker: RealKafka, count: int, *, copies: bool = False) -> list[Seen]:
    """Read both topics from their beginning until there are so many messages, or `copies`."""
    options = {"group.id": str(uuid4()), "auto.offset.reset": "earliest"}
    # A topic that is made after it has looked is found at the next look, not in five minutes.
    looks = {"topic.metadata.refresh.interval.ms": 500}
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, **options, **looks})
    consumer.subscribe(TOPICS)
    found: list[Seen] = []
    ends = time.monotonic() + SECONDS
    try:
        while len(found if copies else {seen.headers["ce_id"] for seen in found}) < count:
            assert time.monotonic() < ends, f"{len(found)} of {count} came"
            record = consumer.poll(0.2)
            if record is not None and not record.error():
                found.append(_seen(record))
    finally:
        consumer.close()
    return found


def _count(broker: RealKafka) -> int:
    """Count the messages that both topics hold."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": str(uuid4())})
    try:
        found = consumer.list_topics(timeout=SECONDS).topics
        places = [
            TopicPartition(topic, part) for topic in TOPICS for part in found[topic].partitions
        ]
        spans = [consumer.get_watermark_offsets(place, timeout=SECONDS) for place in places]
        return sum(high - low for low, high in spans)
    finally:
        consumer.close()


def _seen(record: Any) -> Seen:
    headers = {name: value.decode() for name, value in record.headers()}
    kept = {
        name: value
        for name, value in headers.items()
        # Debezium's own, and the relay's one that it cannot make of columns.
        if name not in {"id", "traceparent"} and not name.startswith("__debezium")
    }
    kept["ce_time"] = str(datetime.fromisoformat(kept["ce_time"]))
    return Seen(record.topic(), record.partition(), record.key(), record.value(), kept)


def _by_relay(count: int) -> None:
    """Have the relay publish the same rows again."""
    rows = OutboxMessage.objects.order_by("sequence")
    assert outbox.republish(SERVICE, rows.values_list("key", flat=True)) == count
    relay = Relay(SERVICE)
    try:
        wait_until(lambda: not (relay.step() or relay.busy or _unpublished()))
    finally:
        relay.close()


def _unpublished() -> bool:
    return OutboxMessage.objects.filter(published_at=None).exists()


@pytest.mark.postgres
@pytest.mark.real_kafka
@pytest.mark.slow
@pytest.mark.django_db(databases=[SERVICE], transaction=True)
def test_it_publishes_what_the_relay_would_and_loses_nothing(
    ground: RealKafka, connect: Connect
) -> None:
    assert not figures._is_captured(SERVICE)
    # Before it runs, too: the slot holds the log for it.
    _decide(orders := [str(uuid4()) for _ in range(4)])
    connect.start()
    captured = _read(ground, 8)
    assert figures._is_captured(SERVICE)
    assert not _unpublished()
    connect.kill()
    _decide(later := [str(uuid4()) for _ in range(4)])
    connect.start()
    everything = _read(ground, 16)
    assert connect.running()
    connect.kill()
    assert {seen.key.decode() for seen in captured} == set(orders)
    assert {seen.key.decode() for seen in everything} == {*orders, *later}
    # Some came again after it was killed, and maybe not all of these were read.
    captured_in_all = _count(ground)
    _by_relay(16)
    both: defaultdict[str, list[Seen]] = defaultdict(list)
    for seen in _read(ground, captured_in_all + 16, copies=True):
        both[seen.headers["ce_id"]].append(seen)
    assert len(both) == 16
    for copies in both.values():
        assert len(copies) >= 2
        assert copies == [copies[-1]] * len(copies)


@pytest.mark.django_db(databases=[SERVICE])
def test_what_must_go_by_the_relay_is_left_to_it(settings: Any) -> None:
    settings.OUTBOX_CAPTURED = [SERVICE]
    own, other = (outbox.row(name, created(), "", NOW) for name in (SERVICE, "kitchen"))
    place = outbox.COLUMNS.index("published_at")
    assert (own[place], other[place]) == (NOW, None)
    letter = dead_letters._row(record_of(created()), "order_created.dlt", {"dlt-error": "x"}, NOW)
    assert letter[place] is None


def test_it_names_columns_of_the_outbox_and_headers_that_readers_need() -> None:
    config = json.loads(CONNECTOR.read_text())["config"]
    columns = {field.column: field for field in OutboxMessage._meta.concrete_fields}
    assert config["table.include.list"] == f"public.{OutboxMessage._meta.db_table}"
    named = [value for key, value in config.items() if key.startswith(f"{ROUTER}table.field.")]
    assert {*named, config[f"{ROUTER}route.by.field"]} <= columns.keys()
    placed = config[f"{ROUTER}table.fields.additional.placement"].split(",")
    headers = {}
    for column, place, header in (entry.split(":") for entry in placed):
        assert (column in columns, place) == (True, "header")
        headers[header] = column
    row = OutboxMessage(event_id=UUID(int=1), created_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert NEEDED <= headers.keys() <= events.headers_of(row, source="orders").keys()
