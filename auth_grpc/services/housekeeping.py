"""What is over, and the keys that sign."""

from datetime import datetime
from typing import Any

import structlog
from django.db.models import QuerySet

from auth_grpc import keys
from auth_grpc.models import (
    LoginCount,
    RefreshToken,
    SealedAnswer,
    Session,
    SigningKey,
    StaffSession,
)
from restaurant.idempotency.purge import LIFETIME

log = structlog.get_logger()


def rotate_keys(*, now: datetime) -> str:
    """Sign with a new key from now on; gives its id."""
    return keys.rotate(now=now).kid


def purge(*, now: datetime) -> int:
    """Delete what is over: sessions, refresh tokens, keys, counts, answers; gives how many rows.

    A spent token stays until it expires, so that its reuse is seen.
    """
    expired = RefreshToken.objects.filter(expires_at__lt=now)
    over = [
        _delete(expired),
        _delete(Session.objects.filter(expires_at__lt=now)),
        _delete(StaffSession.objects.filter(expire_date__lt=now)),
        _delete(SigningKey.objects.filter(expires_at__lt=now)),
        _delete(SealedAnswer.objects.filter(created_at__lt=now - LIFETIME)),
        _delete(LoginCount.objects.filter(resets_at__lt=now)),
    ]
    log.info("accounts_purged", rows=sum(over))
    return sum(over)


def _delete(rows: QuerySet[Any], chunk: int = 1000) -> int:
    """Delete in small transactions, which keep nobody waiting long."""
    deleted = 0
    while keys_ := list(rows.order_by().values_list("pk", flat=True)[:chunk]):
        deleted += rows.model.objects.filter(pk__in=keys_).delete()[0]
    return deleted
