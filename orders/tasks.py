"""Housekeeping."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from orders.models import IdempotencyKey
from restaurant.messaging.purge import delete_in_chunks, purge_inbox, purge_outbox

IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=24)


@shared_task
def purge() -> None:
    """Delete messages sent and handled long ago, and idempotency keys that nobody will repeat."""
    now = timezone.now()
    purge_outbox("orders", published_before=now - settings.OUTBOX_RETENTION)
    purge_inbox("orders", handled_before=now - settings.INBOX_RETENTION)
    delete_in_chunks(IdempotencyKey.objects.filter(created_at__lt=now - IDEMPOTENCY_KEY_LIFETIME))
