"""What is decided is sent, and what is not decided is not."""

from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from kitchen.models import InboxMessage, OutboxMessage
from proto.orders_pb2 import OrderLine
from restaurant import bulk
from restaurant.messaging import inbox, outbox
from restaurant.messaging.contracts import key_of
from restaurant.messaging.errors import NotAnEvent
from restaurant.messaging.events import headers_of, traceparent
from restaurant.messaging.outbox import Outgoing
from tests.messaging.toys import NOW, SERVICE, cancel_requested, created, record_of

pytestmark = pytest.mark.django_db(databases=[SERVICE], transaction=True)


def test_it_writes_events_in_the_order_given() -> None:
    messages = [created(), cancel_requested(), created()]
    with transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(message, "request-1") for message in messages], now=NOW)
    rows = list(OutboxMessage.objects.order_by("sequence"))
    assert [row.key for row in rows] == [key_of(message) for message in messages]
    assert [bytes(row.payload) for row in rows] == [m.SerializeToString() for m in messages]
    assert [row.topic for row in rows] == [
        "order_created",
        "order_cancel_requested",
        "order_created",
    ]
    first = rows[0]
    assert (first.type, first.correlation_id, first.headers, first.created_at) == (
        "restaurant.orders.v1.OrderCreated",
        "request-1",
        {},
        NOW,
    )
    assert first.published_at is None


def test_it_keeps_an_event_only_with_the_state_it_tells_of() -> None:
    def change_state_and_fail() -> None:
        with transaction.atomic(using=SERVICE):
            inbox.keep_new(SERVICE, [(uuid4(), record_of(created()))], now=NOW)
            outbox.add(SERVICE, [Outgoing(created())], now=NOW)
            raise ValueError("changed its mind")

    with pytest.raises(ValueError, match="changed its mind"):
        change_state_and_fail()
    assert OutboxMessage.objects.count() == InboxMessage.objects.count() == 0


def test_it_refuses_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="needs a transaction"):
        outbox.add(SERVICE, [Outgoing(created())], now=NOW)
    assert OutboxMessage.objects.count() == 0


def test_it_refuses_what_is_no_event() -> None:
    with pytest.raises(NotAnEvent), transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(created()), Outgoing(OrderLine())], now=NOW)
    assert OutboxMessage.objects.count() == 0


def test_it_takes_one_query_for_any_number_of_events() -> None:
    with transaction.atomic(using=SERVICE), CaptureQueriesContext(connections[SERVICE]) as queries:
        outbox.add(SERVICE, [Outgoing(created()) for _ in range(100)], now=NOW)
    assert len(queries) == 1


def test_it_speaks_cloudevents() -> None:
    correlation = uuid4().hex
    message = created()
    with transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(message, correlation)], now=NOW)
    row = OutboxMessage.objects.get()
    assert headers_of(row, source=SERVICE) == {
        "ce_specversion": "1.0",
        "ce_id": str(row.event_id),
        "ce_type": "restaurant.orders.v1.OrderCreated",
        "ce_source": "/kitchen",
        "ce_time": "2026-05-01T12:00:00+00:00",
        "ce_subject": message.order_id,
        "content-type": "application/protobuf",
        "traceparent": f"00-{correlation}-{row.event_id.hex[16:]}-01",
        "correlationid": correlation,
    }


def test_it_traces_any_correlation_id() -> None:
    event_id = uuid4()
    version, trace, span, flags = traceparent("not hexadecimal ☕", event_id).split("-")
    assert (version, span, flags) == ("00", event_id.hex[16:], "01")
    assert len(trace) == 32
    assert int(trace, 16) > 0


def test_it_can_be_read_by_debezium() -> None:
    with connections[SERVICE].cursor() as cursor:
        table = OutboxMessage._meta.db_table
        columns = connections[SERVICE].introspection.get_table_description(cursor, table)
    names = {column.name for column in columns}
    assert names >= {"id", "aggregatetype", "aggregateid", "type", "payload"}


def test_it_sends_again_what_it_sent_of_these_orders() -> None:
    ours, other = created(), created()
    with transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(m) for m in (ours, other, cancel_requested())], now=NOW)
    before = OutboxMessage.objects.get(key=ours.order_id)
    OutboxMessage.objects.exclude(topic="order_cancel_requested").update(published_at=NOW)
    assert outbox.republish(SERVICE, [ours.order_id, str(uuid4())]) == 1
    after = OutboxMessage.objects.get(key=ours.order_id)
    assert after.published_at is None
    assert after.event_id == before.event_id
    assert OutboxMessage.objects.get(key=other.order_id).published_at == NOW


def test_it_sends_again_for_any_number_of_orders() -> None:
    with transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(created(str(n))) for n in range(3)], now=NOW)
    OutboxMessage.objects.update(published_at=NOW)
    assert outbox.republish(SERVICE, [str(n) for n in range(40_000)]) == 3


def test_it_keeps_headers_as_json() -> None:
    letter = {"dlt-error": 'quotes " and \\ and ☕', "n": "1"}
    row = [*outbox.row(SERVICE, created(), "", NOW)]
    row[outbox.COLUMNS.index("headers")] = letter
    bulk.insert(OutboxMessage, outbox.COLUMNS, [row], using=SERVICE)
    assert OutboxMessage.objects.get().headers == letter


def test_it_notes_an_arrival_once() -> None:
    record = record_of(created())
    arrivals = [(record.event_id, record), (uuid4(), record)]
    assert inbox.keep_new(SERVICE, arrivals[:1], now=NOW) == {record.event_id}
    assert inbox.keep_new(SERVICE, arrivals, now=NOW) == {arrivals[1][0]}
    inbox.forget(SERVICE, [record.event_id])
    assert inbox.keep_new(SERVICE, arrivals, now=NOW) == {record.event_id}


def test_it_notes_nothing_for_no_arrivals() -> None:
    assert inbox.keep_new(SERVICE, [], now=NOW) == set()
