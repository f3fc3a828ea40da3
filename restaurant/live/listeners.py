"""Who is behind a session, and what they may listen to: asked for many sessions at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

# Parameters of one statement; SQLite takes no more than 32,766.
AT_ONCE = 5000


@dataclass(frozen=True)
class Listener:
    """A user with a session that is good now."""

    user_id: Any
    permissions: frozenset[str]


def find(session_keys: Iterable[str], permissions: Sequence[str]) -> dict[str, Listener]:
    """Give the listener behind each session, with those of the permissions they have.

    Sessions that are unknown or expired, or whose user is gone, inactive or has another password
    by now are left out, as in `django.contrib.auth.get_user`. A few queries, however many there
    are. Raises `DatabaseError`.
    """
    claims = _claims(session_keys)
    users = _users({user_id for user_id, _ in claims.values()})
    good = {
        key: users[user_id]
        for key, (user_id, hash_) in claims.items()
        if user_id in users and _is_current(users[user_id], hash_)
    }
    holders = {name: _holders(name, {u.pk for u in good.values()}) for name in permissions}
    return {
        key: Listener(user.pk, frozenset(n for n, ids in holders.items() if user.pk in ids))
        for key, user in good.items()
    }


def _claims(session_keys: Iterable[str]) -> dict[str, tuple[Any, str]]:
    """Give the user's key and the hash of their password that each session was begun with."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found: dict[str, tuple[Any, str]] = {}
    for some in _in_parts(session_keys):
        rows = store.get_model_class().objects.filter(
            session_key__in=some, expire_date__gt=timezone.now()
        )
        for key, data in rows.values_list("session_key", "session_data"):
            if claim := _claim(store().decode(data)):
                found[key] = claim
    return found


def _claim(session: dict[str, Any]) -> tuple[Any, str] | None:
    if session.get(auth.BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        key = auth.get_user_model()._meta.pk.to_python(session.get(auth.SESSION_KEY))
    except ValidationError:
        return None
    return key, str(session.get(auth.HASH_SESSION_KEY) or "")


def _users(ids: Iterable[Any]) -> dict[Any, AbstractBaseUser]:
    users = auth.get_user_model()._default_manager
    return {
        user.pk: user
        for some in _in_parts(ids)
        for user in users.filter(pk__in=some, is_active=True)
    }


def _is_current(user: AbstractBaseUser, hash_: str) -> bool:
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(hash_, known) for known in hashes)


def _holders(permission: str, ids: Iterable[Any]) -> set[Any]:
    """Give those of the users whom a backend gives the permission."""
    backends: list[Any] = [b for b in auth.get_backends() if hasattr(b, "with_perm")]
    return {
        key
        for some in _in_parts(ids)
        for backend in backends
        for key in backend.with_perm(permission).filter(pk__in=some).values_list("pk", flat=True)
    }


def _in_parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    rest = list(values)
    return (rest[first : first + AT_ONCE] for first in range(0, len(rest), AT_ONCE))
