"""Housekeeping of accounts, and their mails."""

from celery import shared_task
from django.utils import timezone

# Loaded with them, for a process that only sends tasks loads nothing else of Celery.
import restaurant.celery  # noqa: F401
from auth_grpc import mail, services
from auth_grpc.models import User


@shared_task
def purge_expired() -> int:
    """Delete sessions, refresh tokens, keys and login counts that are over; gives how many."""
    return services.purge(now=timezone.now())


@shared_task(autoretry_for=(OSError,), retry_backoff=10, max_retries=5)
def mail_password_link(email: str, language: str) -> bool:
    """Mail the account's link to a new password; tells whether there is such an account.

    The link is made here: none waits in the queue. Tried again while the mail server is away.
    """
    user = User.objects.filter(email=User.normalize_username(email), is_active=True).first()
    if user:
        mail.send_password_link(user, language)
    return user is not None
