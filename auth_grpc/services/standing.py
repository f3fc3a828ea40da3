"""Who may log in at all."""

from datetime import datetime

import structlog
from django.db import transaction

from auth_grpc.errors import AlreadySo, LastSuperuser, OwnAccount
from auth_grpc.models import Session, User
from auth_grpc.services.sessions import end_all

log = structlog.get_logger()


def deactivate(user: User, *, by: User, now: datetime) -> None:
    """Shut a user out, and end all their sessions; their orders and rows stay.

    Raises `OwnAccount`, `LastSuperuser`, `AlreadySo`.
    """
    if user.pk == by.pk:
        raise OwnAccount
    with transaction.atomic(using="default"):
        # Locked in one order: of two superusers who deactivate each other, one is second.
        bosses = list(
            User.objects.select_for_update()
            .filter(is_superuser=True, is_active=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if bosses == [user.pk]:
            raise LastSuperuser
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            raise AlreadySo
        end_all(user, reason=Session.Reason.INACTIVE, now=now)
    log.info("user_deactivated", user_id=str(user.pk))


def reactivate(user: User) -> None:
    """Let a user log in again; sessions that had ended stay so. Raises `AlreadySo`."""
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise AlreadySo
    log.info("user_reactivated", user_id=str(user.pk))
