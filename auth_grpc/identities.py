"""Whose token is this: the question that every service asks, so the path that must be short.

An answer is remembered for `REMEMBER_SECONDS`, and so is what each role may do. With the
`BELIEVED_SECONDS` for which others believe it, a session or a right that was taken is gone within
ten seconds.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from cachetools import TTLCache
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import QuerySet

from auth_grpc.errors import InvalidToken
from auth_grpc.models import Session, User, second_factor_is_demanded
from auth_grpc.tokens import AccessToken

REMEMBER_SECONDS = 1.0
SUPERUSER = "superuser"
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user may do: names of groups, and Django permissions as `orders.view_order`."""

    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    is_staff: bool
    # What colleagues call staff; empty for others.
    name: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token it is; `expires_at` is the token's own end, UTC."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    expires_at: datetime
    rights: Rights


class Memory(Generic[Key, Value]):
    """Answers of the last moment, for all threads."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._answers: TTLCache[Key, Value] = TTLCache(10_000, REMEMBER_SECONDS, timer)

    def get(self, key: Key, find: Callable[[Key], Value]) -> Value:
        """Give what is remembered, else what `find` gives; what it raises is not remembered."""
        with self._lock:
            answer = self._answers.get(key)
        if answer is None:
            answer = find(key)
            with self._lock:
                self._answers[key] = answer
        return answer

    def forget(self, key: Key | None = None) -> None:
        with self._lock:
            if key is None:
                self._answers.clear()
            else:
                self._answers.pop(key, None)


# Whose session, as (session, user) → rights; what a role may do, all roles of a user together.
_sessions: Memory[tuple[uuid.UUID, uuid.UUID], Rights] = Memory()
_permissions: Memory[tuple[str, ...], tuple[str, ...]] = Memory()


def of(token: AccessToken) -> Identity:
    """Tell whose token it is. Raises `InvalidToken` if its session or its user has ended."""
    user_id, session_id = token.user_id, token.session_id
    rights = _sessions.get((session_id, user_id), _read_rights)
    return Identity(user_id, session_id, token.expires_at, rights)


def forget_session(session_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Ask the database about this session the next time, as far as this process goes."""
    _sessions.forget((session_id, user_id))


def forget() -> None:
    """Ask the database about everything the next time."""
    _sessions.forget()
    _permissions.forget()


# By hand: the ORM takes several times as long to write this query as a database to answer it.
# A row for each group of the user.
_OPEN_SESSION = """
    SELECT u.is_staff, u.is_superuser, u.second_factor_since IS NOT NULL, s.second_factor, g.name,
           EXISTS (SELECT 1 FROM auth_grpc_user_user_permissions p WHERE p.user_id = u.id),
           u.name, u.email
    FROM auth_grpc_session s
    JOIN auth_grpc_user u ON u.id = s.user_id
    LEFT JOIN auth_grpc_user_groups m ON m.user_id = u.id
    LEFT JOIN auth_group g ON g.id = m.group_id
    WHERE s.id = %s AND s.user_id = %s AND s.revoked_at IS NULL AND u.is_active
"""


def _read_rights(key: tuple[uuid.UUID, uuid.UUID]) -> Rights:
    as_uuid = Session._meta.pk.get_db_prep_value
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_SESSION, [as_uuid(id_, connection) for id_ in key])
        rows = cursor.fetchall()
    if not rows:
        raise InvalidToken("session has ended")
    is_staff, is_superuser, has_factor, is_proved, _group, has_own, name, email = rows[0]
    if is_staff and not is_proved and second_factor_is_demanded(has_factor=bool(has_factor)):
        # Opened before the account was asked for a code.
        raise InvalidToken("no second factor")
    roles = tuple(sorted(row[4] for row in rows if row[4]))
    permissions = _permissions.get((SUPERUSER,) if is_superuser else roles, _read_permissions)
    if has_own:
        permissions = tuple(sorted({*permissions, *_names(Permission.objects.filter(user=key[1]))}))
    called = User(name=name, email=email).get_short_name() if is_staff else ""
    return Rights(roles, permissions, bool(is_staff), called)


def _read_permissions(roles: tuple[str, ...]) -> tuple[str, ...]:
    found = Permission.objects.order_by("content_type__app_label", "codename")
    return _names(found if SUPERUSER in roles else found.filter(group__name__in=roles).distinct())


def _names(found: QuerySet[Permission]) -> tuple[str, ...]:
    pairs = found.values_list("content_type__app_label", "codename")
    return tuple(f"{app_label}.{codename}" for app_label, codename in pairs)
