"""The two tokens: JWTs by simplejwt's classes, each signed by the key its header names.

Claims of both: `sub` (user), `sid` (session), `jti`, `iat`, `exp`, `iss`, `aud`, `token_type`;
the access token has `roles` besides, for those who verify it themselves by the published keys.
"""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from auth_grpc.errors import InvalidToken
from auth_grpc.keys import KeyBackend, ring


class SignedToken(Token):
    """A token of a session. Made by `issue`, read by `read`; `str()` signs it."""

    lifetime_setting: ClassVar[str]

    def __init__(self, token: str | None = None, verify: bool = True) -> None:
        self._key = ring.verifying(token) if token else ring.signing()
        self.lifetime: timedelta = getattr(settings, self.lifetime_setting)
        # Its hint says Token, but it takes the text of one.
        super().__init__(token, verify)  # type: ignore[arg-type]

    def get_token_backend(self) -> KeyBackend:
        return self._key

    @classmethod
    def issue(cls, *, user_id: uuid.UUID, session_id: uuid.UUID, now: datetime) -> Self:
        """Make a token that lives from `now`, whole seconds as JWTs have them."""
        token = cls()
        token["sub"], token["sid"] = str(user_id), str(session_id)
        token.set_iat(at_time=now)
        token.set_exp(from_time=now)
        return token

    @classmethod
    def read(cls, text: str) -> Self:
        """Check signature, algorithm, type and expiry. Raises `InvalidToken`."""
        try:
            return cls(text)
        except TokenError as error:
            raise InvalidToken(str(error)) from None

    @property
    def id(self) -> uuid.UUID:
        return uuid.UUID(self["jti"])

    @property
    def user_id(self) -> uuid.UUID:
        return uuid.UUID(self["sub"])

    @property
    def session_id(self) -> uuid.UUID:
        return uuid.UUID(self["sid"])

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self["exp"], UTC)


class AccessToken(SignedToken):
    token_type = "access"  # noqa: S105 - a name
    lifetime_setting = "ACCESS_TOKEN_LIFETIME"

    def set_roles(self, roles: Iterable[str]) -> None:
        self["roles"] = sorted(roles)


class RefreshToken(SignedToken):
    token_type = "refresh"  # noqa: S105 - a name
    lifetime_setting = "REFRESH_TOKEN_LIFETIME"
