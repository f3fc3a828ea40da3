"""Purging deletes what was said and heard long ago, and nothing that still counts."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from kitchen.models import DeadLetter, InboxMessage, OutboxMessage
from restaurant.messaging import inbox, outbox, purge
from restaurant.messaging.outbox import Outgoing
from tests.messaging.toys import NOW, SERVICE, created, record_of
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=[SERVICE])
OLD, NEW = NOW - timedelta(days=2), NOW


def test_it_deletes_what_was_published_before() -> None:
    with transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(created()) for _ in range(4)], now=OLD)
    rows = list(OutboxMessage.objects.order_by("sequence"))
    for row, published_at in zip(rows, (OLD, NEW, None, OLD), strict=True):
        OutboxMessage.objects.filter(pk=row.pk).update(published_at=published_at)
    assert purge.purge_outbox(SERVICE, published_before=NOW - timedelta(days=1)) == 2
    left = OutboxMessage.objects.order_by("sequence")
    assert [row.published_at for row in left] == [NEW, None]


def test_it_deletes_notes_of_what_was_handled_before() -> None:
    for now in (OLD, NEW, OLD):
        inbox.keep_new(SERVICE, [(uuid4(), record_of(created()))], now=now)
    assert purge.purge_inbox(SERVICE, handled_before=NOW - timedelta(days=1)) == 2
    assert InboxMessage.objects.get().handled_at == NEW


def test_it_deletes_dead_letters_that_were_settled_long_ago_and_none_that_waits() -> None:
    longer_ago = OLD - timedelta(days=300)
    waits = rows.dead_letter(SERVICE, failed_at=longer_ago)
    on_its_way = rows.dead_letter(SERVICE, failed_at=longer_ago, redriven_at=OLD)
    fresh = rows.dead_letter(SERVICE, failed_at=longer_ago, discarded_at=NEW)
    rows.dead_letter(SERVICE, failed_at=longer_ago, discarded_at=OLD)
    handled = rows.dead_letter(SERVICE, failed_at=longer_ago, redriven_at=OLD)
    rows.inbox(SERVICE, event_id=handled.event_id, handled_at=OLD)
    assert purge.purge_dead_letters(SERVICE, settled_before=NOW - timedelta(days=1)) == 2
    assert {*DeadLetter.objects.all()} == {waits, on_its_way, fresh}


def test_it_deletes_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "CHUNK", 2)
    inbox.keep_new(SERVICE, [(uuid4(), record_of(created())) for _ in range(7)], now=OLD)
    assert purge.purge_inbox(SERVICE, handled_before=NOW) == 7
    assert InboxMessage.objects.count() == 0


def test_it_looks_no_further_than_what_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of millions of young rows, only the first are read."""
    monkeypatch.setattr(purge, "CHUNK", 2)
    for now, count in ((OLD, 3), (NEW, 9)):
        inbox.keep_new(SERVICE, [(uuid7(), record_of(created())) for _ in range(count)], now=now)
    with CaptureQueriesContext(connections[SERVICE]) as asked:
        assert purge.purge_inbox(SERVICE, handled_before=NOW) == 3
    deletes = [query["sql"] for query in asked if query["sql"].startswith("DELETE")]
    # Two old ones, an old and a young one, two young ones.
    assert len(deletes) == 3
    assert InboxMessage.objects.count() == 9


def test_it_goes_past_what_has_to_stay_among_the_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "CHUNK", 2)
    with transaction.atomic(using=SERVICE):
        outbox.add(SERVICE, [Outgoing(created()) for _ in range(6)], now=OLD)
    first, *others = OutboxMessage.objects.order_by("sequence").values_list("pk", flat=True)
    OutboxMessage.objects.filter(pk__in=others).update(published_at=OLD)
    assert purge.purge_outbox(SERVICE, published_before=NOW) == 5
    assert OutboxMessage.objects.get().pk == first


def test_it_keeps_inbox_rows_longer_than_topics_keep_messages(settings: Any) -> None:
    assert settings.INBOX_RETENTION > settings.KAFKA_TOPIC_RETENTION
    assert settings.INBOX_RETENTION > settings.OUTBOX_RETENTION
