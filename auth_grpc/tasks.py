"""Housekeeping of accounts."""

from celery import shared_task
from django.utils import timezone

from auth_grpc import services


@shared_task
def purge_expired() -> int:
    """Delete sessions, refresh tokens, keys and login counts that are over; gives how many."""
    return services.purge(now=timezone.now())
