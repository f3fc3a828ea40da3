"""Housekeeping."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from restaurant.idempotency.purge import purge_answers
from restaurant.messaging import purge as messages


@shared_task(name="kitchen.tasks.purge")
def purge() -> None:
    """Delete messages, settled dead letters and answers that have been kept long enough."""
    now = timezone.now()
    messages.purge_outbox("kitchen", published_before=now - settings.OUTBOX_RETENTION)
    messages.purge_dead_letters("kitchen", settled_before=now - settings.INBOX_RETENTION)
    messages.purge_inbox("kitchen", handled_before=now - settings.INBOX_RETENTION)
    purge_answers("kitchen", now=now)
