"""What the worker declares, and housekeeping."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from uuid_utils.compat import uuid7

from kitchen import services
from kitchen.models import InboxMessage, OutboxMessage
from kitchen.tasks import purge
from kitchen.worker import worker
from proto.orders_pb2 import OrderCancelRequested, OrderCreated

HOUR = timedelta(hours=1)


def test_it_consumes_these_messages_in_this_order() -> None:
    assert worker.service == "kitchen"
    assert list(worker.handlers) == [OrderCreated, OrderCancelRequested]
    assert list(worker.timers) == [services.cook]


@pytest.mark.django_db(databases=["kitchen"])
def test_it_purges_what_was_kept_long_enough_and_nothing_else() -> None:
    now = timezone.now()
    outbox_ages = {"old": settings.OUTBOX_RETENTION + HOUR, "young": timedelta(), "unsent": None}
    for key, age in outbox_ages.items():
        OutboxMessage.objects.create(
            event_id=uuid7(),
            topic="t",
            key=key,
            type="T",
            payload=b"",
            created_at=now - timedelta(days=365),
            published_at=None if age is None else now - age,
        )
    for topic, age in (("old", settings.INBOX_RETENTION + HOUR), ("young", HOUR)):
        InboxMessage.objects.create(
            event_id=uuid7(), topic=topic, partition=0, offset=0, handled_at=now - age
        )
    purge()

    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"young", "unsent"}
    assert list(InboxMessage.objects.values_list("topic", flat=True)) == ["young"]
