"""Who follows: asked at the door, and again and again while they listen."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from restaurant.live.answers import Refusal
from restaurant.live.doorkeeper import Doorkeeper, session_key

# When those who listen are asked about again.
CHECK_SECONDS = 4.0
# Who comes while nobody is answered is told so after so long, whoever else waits.
PATIENCE = 5.0
AT_ONCE = 8
CHALLENGE = 'Bearer realm="api"'


class Credential(NamedTuple):
    """What somebody shows of themselves: an access token, or the key of a session."""

    kind: Literal["token", "session"]
    secret: str


@dataclass(frozen=True)
class Caller:
    """A user, and which of the permissions they had when (monotonic) that was asked."""

    credential: Credential
    user_id: Any
    permissions: frozenset[str]
    asked_at: float

    @property
    def check_at(self) -> float:
        return self.asked_at + CHECK_SECONDS

    @property
    def good_until(self) -> float:
        return self.asked_at + float(settings.BELIEVED_SECONDS)


class Callers:
    """Knows users by their access tokens, as the API does, and by their sessions.

    `permissions` are those that anybody here asks for. `settings.LIVE_AUTHENTICATION` names the
    class, of DRF's kind, that asks the auth service about tokens.
    """

    def __init__(self, doorkeeper: Doorkeeper, permissions: frozenset[str]) -> None:
        self._doorkeeper = doorkeeper
        self._permissions = permissions
        self._authentication = import_string(settings.LIVE_AUTHENTICATION)()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="live-callers")

    async def find(self, credential: Credential) -> Caller:
        """Ask who that is. Raises `Refusal`: 401 for nobody, 503 when it cannot be known now."""
        asked_at = time.monotonic()
        ask = self._by_token if credential.kind == "token" else self._by_session
        try:
            user_id, permissions = await asyncio.wait_for(ask(credential.secret), PATIENCE)
        except TimeoutError:
            raise _unavailable() from None
        return Caller(credential, user_id, permissions, asked_at)

    async def _by_token(self, token: str) -> tuple[Any, frozenset[str]]:
        # With the request's ids, for auth's log.
        asked = asyncio.get_running_loop().run_in_executor(
            self._pool, copy_context().run, self._authenticate, token
        )
        try:
            user = await asked
        except APIException as error:
            raise _refusal(error) from None
        return user.pk, frozenset(filter(user.has_perm, self._permissions))

    def _authenticate(self, token: str) -> Any:
        request = SimpleNamespace(META={"HTTP_AUTHORIZATION": f"Bearer {token}"})
        user, _auth = self._authentication.authenticate(request)
        return user

    async def _by_session(self, key: str) -> tuple[Any, frozenset[str]]:
        try:
            listener = (await self._doorkeeper.find([key])).get(key)
        except DatabaseError:
            raise _unavailable() from None
        if listener is None:
            raise unauthenticated("not_authenticated")
        return listener.user_id, listener.permissions & self._permissions


def credential_in(headers: Mapping[str, bytes]) -> Credential:
    """Read what a request shows; a token goes before a session. Raises `Refusal` without either."""
    scheme, _space, token = headers.get("authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return Credential("token", token.strip())
    if key := session_key(headers):
        return Credential("session", key)
    if "authorization" in headers:
        raise unauthenticated("not_authenticated")
    # The web process sends on who waits, and the usual clients then leave the token behind.
    detail = _(
        "No token came along: clients drop it when they are sent on to another origin. Send it"
        " again to this address."
    )
    raise unauthenticated("not_authenticated", detail)


def unauthenticated(code: str, happened: str = "") -> Refusal:
    told = ', error="invalid_token"' if code == "invalid_token" else ""
    return Refusal(code, happened, challenge=f"{CHALLENGE}{told}")


def _unavailable() -> Refusal:
    return Refusal("auth_unavailable", retry_after=1)


def _refusal(error: APIException) -> Refusal:
    """Give what the authentication says in our form."""
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return unauthenticated("invalid_token")
    return _unavailable()
