"""What could not be handled is kept, and handled when somebody has seen to it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from kitchen.models import DeadLetter, InboxMessage, OutboxMessage
from restaurant.messaging import dead_letters, inbox
from restaurant.messaging.errors import NoReason
from restaurant.messaging.events import Record, headers_of
from tests.messaging.toys import NOW, SERVICE, created, record_of

pytestmark = pytest.mark.django_db(databases=[SERVICE])
LATER = NOW + timedelta(hours=1)


def bury(*records: Record) -> list[Any]:
    for record in records:
        dead_letters.bury(SERVICE, record, ValueError("no such dish"), now=NOW)
    return list(DeadLetter.objects.order_by("pk"))


def redriven() -> list[Any]:
    return list(OutboxMessage.objects.exclude(topic__endswith=".dlt").order_by("sequence"))


def ids(letters: Iterable[DeadLetter]) -> list[int]:
    return [letter.pk for letter in letters]


def test_it_sends_a_letter_again_as_it_was() -> None:
    record = record_of(created())
    (letter,) = bury(record)
    assert dead_letters.redrive(SERVICE, [letter.pk], now=LATER, by="ann") == [letter.pk]
    (row,) = redriven()
    assert (row.topic, row.key, bytes(row.payload)) == (record.topic, record.key, record.payload)
    sent = headers_of(row, source=SERVICE)
    assert {name: sent[name] for name in record.headers} == record.headers
    letter.refresh_from_db()
    assert (letter.redriven_at, letter.redriven_by) == (LATER, "ann")


def test_it_lets_a_redriven_event_be_handled_and_others_not() -> None:
    records = [record_of(created(), offset=n) for n in range(2)]
    letters = bury(*records)
    dead_letters.redrive(SERVICE, ids(letters[:1]), now=LATER)
    arrived = [(record.event_id, record) for record in records]
    assert inbox.keep_new(SERVICE, arrived, now=LATER) == {records[0].event_id}


def test_it_sends_many_in_the_order_in_which_they_failed() -> None:
    records = [record_of(created(), offset=n) for n in range(5)]
    letters = bury(*records)
    assert dead_letters.redrive(SERVICE, reversed(ids(letters)), now=LATER) == ids(letters)
    assert [row.key for row in redriven()] == [record.key for record in records]


def test_it_sends_a_letter_once_however_often_it_is_asked() -> None:
    (letter,) = bury(record_of(created()))
    assert dead_letters.redrive(SERVICE, [letter.pk], now=LATER) == [letter.pk]
    assert dead_letters.redrive(SERVICE, [letter.pk, letter.pk], now=LATER) == []
    assert len(redriven()) == 1


def test_it_buries_anew_what_fails_again() -> None:
    record = record_of(created())
    (letter,) = bury(record)
    dead_letters.redrive(SERVICE, [letter.pk], now=LATER)
    assert len(bury(record)) == 2
    assert DeadLetter.objects.waiting().count() == 1


def test_it_redrives_a_letter_without_an_id_under_the_one_it_was_buried_by() -> None:
    record = Record("order_created", 1, 5, "k", {}, b"\xff")
    (letter,) = bury(record)
    dead_letters.redrive(SERVICE, [letter.pk], now=LATER)
    (row,) = redriven()
    again = Record("order_created", 1, 6, row.key, row.headers, bytes(row.payload))
    assert again.event_id == record.event_id
    assert len(bury(again)) == 2


def test_it_redrives_an_empty_payload() -> None:
    (letter,) = bury(Record("order_created", 0, 0, "", {}, b""))
    dead_letters.redrive(SERVICE, [letter.pk], now=LATER)
    assert bytes(redriven()[0].payload) == b""


def test_it_ignores_letters_that_do_not_exist() -> None:
    assert dead_letters.redrive(SERVICE, [404], now=LATER) == []
    assert OutboxMessage.objects.count() == 0


def test_it_keeps_what_no_database_could_keep_as_it_came() -> None:
    error = ValueError("a\0b \ud800")
    record = Record("order_created", 0, 0, "k" * 5000, {"ce_type": "t" * 5000}, b"\0\xff")
    dead_letters.bury(SERVICE, record, error, now=NOW)
    letter = DeadLetter.objects.get()
    assert letter.error == "ValueError: a\ufffdb ?"
    assert (letter.key, letter.type, bytes(letter.payload)) == ("k" * 200, "t" * 200, b"\0\xff")


def test_it_cuts_a_long_error() -> None:
    dead_letters.bury(SERVICE, record_of(created()), ValueError("x" * 9000), now=NOW)
    assert len(DeadLetter.objects.get().error) == dead_letters.ERROR_LENGTH


def test_it_tells_apart_records_without_ids() -> None:
    bury(*(Record("order_created", 0, offset, "", {}, b"") for offset in range(3)))
    # The embedded broker counts from zero again after a restart.
    bury(Record("order_created", 0, 0, "", {}, b"another"))
    assert DeadLetter.objects.count() == InboxMessage.objects.count() == 4


def test_it_takes_as_many_queries_for_many_letters_as_for_one() -> None:
    letters = bury(*(record_of(created(), offset=n) for n in range(21)))
    counts = []
    for some in (letters[:1], letters[1:]):
        with CaptureQueriesContext(connections[SERVICE]) as queries:
            dead_letters.redrive(SERVICE, ids(some), now=LATER)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_reads_no_traceback_to_redrive() -> None:
    (letter,) = bury(record_of(created()))
    with CaptureQueriesContext(connections[SERVICE]) as queries:
        dead_letters.redrive(SERVICE, [letter.pk], now=LATER)
    assert not [query for query in queries if "traceback" in query["sql"]]


def test_it_discards_a_letter_with_the_reason_and_sends_nothing() -> None:
    (letter,) = bury(record_of(created()))
    sent = OutboxMessage.objects.count()
    found = dead_letters.discard(
        SERVICE, [letter.pk], reason="  A test order ", now=LATER, by="ann@example.com"
    )
    assert found == [letter.pk]
    letter.refresh_from_db()
    assert (letter.discarded_at, letter.discarded_by) == (LATER, "ann@example.com")
    assert letter.discard_reason == "A test order"
    assert OutboxMessage.objects.count() == sent
    # A second copy of the event changes nothing, as before.
    assert InboxMessage.objects.filter(event_id=letter.event_id).exists()
    assert not DeadLetter.objects.waiting().exists()


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_it_discards_nothing_without_a_reason(reason: str) -> None:
    (letter,) = bury(record_of(created()))
    with pytest.raises(NoReason):
        dead_letters.discard(SERVICE, [letter.pk], reason=reason, now=LATER)
    assert DeadLetter.objects.waiting().count() == 1


def test_it_lets_the_first_decision_stand() -> None:
    first, second = bury(*(record_of(created(), offset=n) for n in range(2)))
    dead_letters.discard(SERVICE, [first.pk], reason="A test", now=LATER, by="ann")
    dead_letters.redrive(SERVICE, [second.pk], now=LATER, by="bob")
    both = ids([first, second])
    assert dead_letters.redrive(SERVICE, both, now=LATER, by="eve") == []
    assert dead_letters.discard(SERVICE, both, reason="Mine", now=LATER, by="eve") == []
    assert len(redriven()) == 1
    assert {*DeadLetter.objects.values_list("discarded_by", "redriven_by")} == {
        ("ann", ""),
        ("", "bob"),
    }


def test_it_lets_a_discarded_letter_wait_again() -> None:
    first, second = bury(*(record_of(created(), offset=n) for n in range(2)))
    dead_letters.discard(SERVICE, [first.pk], reason="By mistake", now=LATER, by="ann")
    assert dead_letters.restore(SERVICE, ids([first, second])) == [first.pk]
    assert DeadLetter.objects.waiting().count() == 2
    assert dead_letters.redrive(SERVICE, [first.pk], now=LATER) == [first.pk]


def test_it_cuts_a_long_reason_and_a_long_name() -> None:
    (letter,) = bury(record_of(created()))
    dead_letters.discard(SERVICE, [letter.pk], reason="r" * 900, now=LATER, by="b" * 900)
    letter.refresh_from_db()
    assert (len(letter.discard_reason), len(letter.discarded_by)) == (500, 254)


def test_it_names_the_kind_of_an_error() -> None:
    for text in (f"order {uuid4()} has no dish 42", f"order {uuid4()} has no dish 7"):
        dead_letters.bury(SERVICE, record_of(created()), ValueError(text), now=NOW)
    kinds = {*DeadLetter.objects.values_list("error_kind", flat=True)}
    assert kinds == {"ValueError: order … has no dish …"}
