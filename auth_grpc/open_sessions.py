"""Where a user is logged in now: sessions of the API, and of the staff site, in one list."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from auth_grpc import services
from auth_grpc.devices import device
from auth_grpc.models import Session, StaffSession, User


@dataclass(frozen=True)
class OpenSession:
    """One login; `name` stands for it on pages, where a browser's key must not be shown."""

    name: str
    row: Session | StaffSession
    kind: str
    device: str
    address: str
    opened_at: datetime | None
    used_at: datetime | None
    expires_at: datetime
    tokens: int

    def __str__(self) -> str:
        at = localtime(self.opened_at) if self.opened_at else None
        opened = date_format(at, "SHORT_DATETIME_FORMAT") if at else ""
        return ", ".join(filter(None, (self.kind, self.device, self.address, opened)))


def of(user: User, *, now: datetime) -> list[OpenSession]:
    """List them, those of the staff site first, the newest first among each."""
    browsers = user.staff_sessions.filter(expire_date__gt=now).order_by("-expire_date")
    unspent = Count("refresh_tokens", filter=Q(refresh_tokens__spent_at=None))
    tokens = user.sessions.filter(revoked_at=None, expires_at__gt=now).annotate(unspent=unspent)
    return [
        *(_browser(row) for row in browsers.defer("session_data")),
        *(_api(row, row.unspent) for row in tokens.order_by("-used_at", "pk")),
    ]


def end(user: User, names: Collection[str], *, now: datetime) -> list[OpenSession]:
    """End those of the user's sessions that are named; gives which were open."""
    chosen = [one for one in of(user, now=now) if one.name in names]
    rows = [one.row for one in chosen]
    services.end_some(
        user,
        tokens=[row.pk for row in rows if isinstance(row, Session)],
        browsers=[row.pk for row in rows if isinstance(row, StaffSession)],
        now=now,
    )
    return chosen


def _browser(row: StaffSession) -> OpenSession:
    return OpenSession(
        name=hashlib.sha256(row.session_key.encode()).hexdigest()[:16],
        row=row,
        kind=_("Staff site"),
        device=device(row.user_agent),
        address=row.address or "",
        opened_at=row.opened_at,
        used_at=None,
        expires_at=row.expire_date,
        tokens=0,
    )


def _api(row: Session, unspent: int) -> OpenSession:
    return OpenSession(
        name=str(row.pk),
        row=row,
        kind=_("API"),
        device=device(row.user_agent),
        address=row.address or "",
        opened_at=row.created_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
        tokens=unspent,
    )
