"""One statement for many rows: the same as the ORM would write and read, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kitchen.models import DeadLetter, InboxMessage, OutboxMessage
from restaurant import bulk

pytestmark = pytest.mark.django_db(databases=["kitchen"])
NOW = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
LETTER = (
    *("event_id", "topic", "partition", "offset", "key", "type", "headers", "payload"),
    *("error", "traceback", "failed_at", "redriven_at"),
)
INBOX = ("event_id", "topic", "partition", "offset", "handled_at")

# What PostgreSQL's text can hold; NUL is refused there by any statement.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)
times = st.timedeltas(timedelta(days=-20_000), timedelta(days=60_000)).map(NOW.__add__)
values = st.fixed_dictionaries(
    {
        "event_id": st.uuids(),
        "topic": texts,
        "partition": st.integers(-(2**31), 2**31 - 1),
        "offset": st.integers(-(2**63), 2**63 - 1),
        "key": texts,
        "type": texts,
        "headers": st.dictionaries(texts, texts | st.none() | st.booleans() | st.integers(0, 99)),
        "payload": st.binary(max_size=200),
        "error": texts,
        "traceback": texts,
        "failed_at": times,
        "redriven_at": st.none() | times,
    }
)


def note(event_id: UUID | None = None, *, offset: int = 0) -> tuple[Any, ...]:
    return (event_id or uuid4(), "order_created", 0, offset, NOW)


def insert_notes(*rows: tuple[Any, ...], **options: Any) -> list[tuple[Any, ...]]:
    return bulk.insert(InboxMessage, INBOX, rows, using="kitchen", **options)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(values, min_size=1, max_size=4))
def test_it_writes_what_the_orm_reads_and_filters_by(rows: list[dict[str, Any]]) -> None:
    DeadLetter.objects.all().delete()
    bulk.insert(
        DeadLetter, LETTER, [tuple(row[name] for name in LETTER) for row in rows], using="kitchen"
    )
    found = list(DeadLetter.objects.order_by("pk").values(*LETTER))
    for row in found:
        row["payload"] = bytes(row["payload"])
    assert found == rows
    for row in rows:
        exact = {name: row[name] for name in LETTER if name not in ("headers", "payload")}
        assert DeadLetter.objects.filter(**exact).exists()


@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values)
def test_it_returns_values_as_the_orm_does(row: dict[str, Any]) -> None:
    (returned,) = bulk.insert(
        DeadLetter,
        LETTER,
        [tuple(row[name] for name in LETTER)],
        using="kitchen",
        returning=("event_id", "failed_at", "redriven_at", "headers", "offset"),
    )
    assert returned == tuple(
        row[name] for name in ("event_id", "failed_at", "redriven_at", "headers", "offset")
    )


def test_it_keeps_the_order_of_the_rows() -> None:
    insert_rows = [note(offset=n) for n in range(500)]
    letters = [(*row[:4], "", "", {}, b"", "", "", NOW, None) for row in insert_rows]
    bulk.insert(DeadLetter, LETTER, letters, using="kitchen")
    assert list(DeadLetter.objects.order_by("pk").values_list("offset", flat=True)) == list(
        range(500)
    )


def test_it_leaves_out_conflicts_when_told_to() -> None:
    known, new = note(), note()
    insert_notes(known)
    found = insert_notes(known, new, ignore_conflicts=True, returning=("event_id",))
    assert found == [(new[0],)]


def test_it_raises_conflicts_otherwise() -> None:
    known = note()
    insert_notes(known)
    with pytest.raises(IntegrityError):
        insert_notes(known, note())


def test_it_asks_the_database_nothing_for_no_rows() -> None:
    with CaptureQueriesContext(connections["kitchen"]) as queries:
        assert insert_notes(returning=("event_id",)) == []
        assert bulk.update(InboxMessage, "event_id", ("offset",), [], using="kitchen") == []
    assert len(queries) == 0


def test_it_updates_the_rows_of_its_keys_alone() -> None:
    rows = [note(offset=n) for n in range(3)]
    insert_notes(*rows)
    later = NOW + timedelta(hours=1)
    changes = [(rows[0][0], 10, later), (rows[2][0], 12, later), (uuid4(), 99, later)]
    changed = bulk.update(
        InboxMessage,
        "event_id",
        ("offset", "handled_at"),
        changes,
        using="kitchen",
        returning=("event_id", "offset", "handled_at"),
    )
    assert sorted(changed) == sorted(changes[:2])
    left = InboxMessage.objects.get(pk=rows[1][0])
    assert (left.offset, left.handled_at) == (1, NOW)


def test_it_updates_only_where_a_condition_holds() -> None:
    rows = [note(offset=5), note(offset=5)]
    insert_notes(*rows)
    changed = bulk.update(
        InboxMessage,
        "event_id",
        ("offset",),
        [(rows[0][0], 4), (rows[1][0], 6)],
        using="kitchen",
        also="partition = t.partition + 1",
        where='r."offset" > t."offset"',
        returning=("event_id",),
    )
    assert changed == [(rows[1][0],)]
    found = {row.event_id: (row.partition, row.offset) for row in InboxMessage.objects.all()}
    assert found == {rows[0][0]: (0, 5), rows[1][0]: (1, 6)}


def test_it_takes_one_query_for_any_number_of_rows() -> None:
    with CaptureQueriesContext(connections["kitchen"]) as queries:
        insert_notes(*[note() for _ in range(5000)])
    assert len(queries) == 1
    assert InboxMessage.objects.count() == 5000


def test_it_refuses_a_row_that_is_too_short_or_unknown_columns() -> None:
    with pytest.raises(Exception, match="no field named 'table'"):
        bulk.insert(OutboxMessage, ("table",), [(1,)], using="kitchen")


def test_it_inserts_into_several_tables_together() -> None:
    event_id = uuid4()
    message: tuple[Any, ...] = (event_id, "order_cooked", "k", "t", b"\x00", "", {}, NOW)
    columns = ("event_id", "topic", "key", "type", "payload", "correlation_id", "headers")
    bulk.insert_together(
        [
            bulk.Rows(InboxMessage, INBOX, [note(event_id), note()]),
            bulk.Rows(OutboxMessage, (*columns, "created_at"), [message]),
            bulk.Rows(DeadLetter, LETTER, []),
        ],
        using="kitchen",
    )
    assert InboxMessage.objects.count() == 2
    assert bytes(OutboxMessage.objects.get(event_id=event_id).payload) == b"\x00"
    assert not DeadLetter.objects.exists()


@pytest.mark.django_db(databases=["kitchen"], transaction=True)
def test_it_inserts_into_all_tables_or_none() -> None:
    twice = uuid4()
    with pytest.raises(IntegrityError), transaction.atomic(using="kitchen"):
        bulk.insert_together(
            [
                bulk.Rows(InboxMessage, INBOX, [note()]),
                bulk.Rows(InboxMessage, INBOX, [note(twice), note(twice)]),
            ],
            using="kitchen",
        )
    assert not InboxMessage.objects.exists()
