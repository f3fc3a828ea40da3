"""DRF authentication by access token: asks the auth service, and remembers what was good."""

import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from cachetools import TLRUCache
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from auth_grpc import client
from auth_grpc.errors import InvalidToken, Unavailable
from proto import auth_pb2
from restaurant.monitor import metrics
from restaurant.problems import Problem

LONGEST_TOKEN = 4096
_HIT, _MISS = (metrics.token_reads.labels(result) for result in ("hit", "miss"))


@dataclass(frozen=True, slots=True)
class TokenUser:
    """Who sent a request, as the auth service tells; stands in for Django's `User`."""

    id: uuid.UUID
    session_id: uuid.UUID
    roles: frozenset[str]
    permissions: frozenset[str]
    is_staff: bool
    # Of staff; a server of the version before does not tell it.
    name: str = ""

    is_authenticated = True
    is_anonymous = False
    is_active = True

    @property
    def pk(self) -> uuid.UUID:
        return self.id

    def get_short_name(self) -> str:
        """Say what colleagues call the user; who has no name is told by id."""
        return self.name or str(self.id)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Tell whether the user has a Django permission such as `kitchen.view_ticket`."""
        return perm in self.permissions

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return self.permissions.issuperset(perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self.permissions)

    def __str__(self) -> str:
        return str(self.id)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; other schemes are left to other classes."""

    def authenticate(self, request: Request) -> tuple[TokenUser, None] | None:
        """Give the token's user. 401 for a bad token; 503 for an unknown one with auth away."""
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme != "Bearer" and scheme.lower() != "bearer":
            return None
        try:
            return self.user_of(token.strip()), None
        except InvalidToken:
            raise AuthenticationFailed(_("The token is not valid."), "invalid_token") from None
        except Unavailable:
            raise auth_away() from None

    def authenticate_header(self, request: Request) -> str:
        """Say how to ask, and of a token that was sent that it is none (RFC 6750, 3.1)."""
        scheme = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[0]
        told = ', error="invalid_token"' if scheme.lower() == "bearer" else ""
        return f'Bearer realm="api"{told}'

    def user_of(self, token: str) -> TokenUser:
        return user_of(token)


class PageAuthentication(SessionAuthentication):
    """The session of somebody who has logged in on our pages; its requests come from these."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise a problem, 403, for a request that another site could have made them send."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise Problem(code="csrf_failed") from None


class AskingAuthentication(TokenAuthentication):
    """Asks the auth service each time: for what outlasts a request, and asks again and again."""

    def user_of(self, token: str) -> TokenUser:
        return ask(token)


class Memory:
    """Users of the tokens that were good lately. The tokens themselves are not kept."""

    def __init__(self, timer: Any = time.monotonic) -> None:
        self.timer = timer
        self._lock = threading.Lock()
        self._users: TLRUCache[bytes, tuple[TokenUser, float]] = TLRUCache(
            50_000, lambda _key, found, _now: found[1], timer
        )

    def get(self, token: str) -> TokenUser | None:
        with self._lock:
            found = self._users.get(_digest(token))
        return found[0] if found else None

    def keep(self, token: str, user: TokenUser, until: float) -> None:
        with self._lock:
            self._users[_digest(token)] = (user, until)

    def clear(self) -> None:
        with self._lock:
            self._users.clear()


memory = Memory()


def user_of(token: str) -> TokenUser:
    """Tell whose token it is, as of at most `BELIEVED_SECONDS` ago.

    Raises `InvalidToken`, and `Unavailable` when it is not remembered and auth is away.
    """
    if user := memory.get(token):
        _HIT.inc()
        return user
    return ask(token)


def ask(token: str) -> TokenUser:
    """Ask the auth service whose token it is, and remember it.

    Raises `InvalidToken`, and `Unavailable` when auth is away.
    """
    _MISS.inc()
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise InvalidToken("not a token")
    # Counted from the question: what is revoked while the answer travels is not known longer.
    asked_at = memory.timer()
    identity = client.verify(token)
    user = _user(identity)
    seconds_left = identity.expires_at.seconds - time.time()
    memory.keep(token, user, until=asked_at + min(settings.BELIEVED_SECONDS, seconds_left))
    return user


def auth_away() -> Problem:
    """Give the answer for when the auth service is needed and cannot be asked."""
    return Problem(
        code="auth_unavailable",
        detail=_("Accounts cannot be looked up now."),
        retry_after=1,
    )


def _user(identity: auth_pb2.Identity) -> TokenUser:
    """Read who it is. Raises `Unavailable` where auth's answer makes no sense."""
    try:
        id_, session_id = uuid.UUID(identity.user_id), uuid.UUID(identity.session_id)
    except ValueError:
        raise Unavailable("auth named no user") from None
    return TokenUser(
        id=id_,
        session_id=session_id,
        roles=_shared(tuple(identity.roles)),
        permissions=_shared(tuple(identity.permissions)),
        is_staff=identity.is_staff,
        name=identity.name,
    )


@lru_cache(maxsize=1000)
def _shared(names: tuple[str, ...]) -> frozenset[str]:
    """One set for all who have the same names: users remembered by the thousand share them."""
    return frozenset(names)


def _digest(token: str) -> bytes:
    return blake2b(token.encode(errors="replace"), digest_size=16).digest()
