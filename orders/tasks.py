"""Housekeeping."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from orders import services
from orders.menu import pictures
from orders.models import IdempotencyKey, MenuUpload
from restaurant.idempotency.purge import LIFETIME, purge_answers
from restaurant.messaging.purge import (
    delete_in_chunks,
    delete_oldest,
    purge_dead_letters,
    purge_inbox,
    purge_outbox,
)

MENU_UPLOAD_LIFETIME = timedelta(days=1)


@shared_task
def purge() -> None:
    """Delete messages sent and handled long ago, and idempotency keys that nobody will repeat.

    And forget whence orders came long ago, menus that nobody said yes to, and pictures that no
    dish has any more.
    """
    now = timezone.now()
    purge_outbox("orders", published_before=now - settings.OUTBOX_RETENTION)
    purge_dead_letters("orders", settled_before=now - settings.INBOX_RETENTION)
    purge_inbox("orders", handled_before=now - settings.INBOX_RETENTION)
    delete_oldest(IdempotencyKey.objects.filter(created_at__lt=now - LIFETIME))
    purge_answers("orders", now=now)
    services.erase_client_addresses(placed_before=now - settings.CLIENT_ADDRESS_RETENTION)
    delete_in_chunks(MenuUpload.objects.filter(at__lt=now - MENU_UPLOAD_LIFETIME))
    pictures.sweep(now=now)
