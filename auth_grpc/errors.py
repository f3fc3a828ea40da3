"""What the auth service refuses, and why. Its client raises the same errors on the other side."""

from collections.abc import Sequence
from dataclasses import dataclass


class AuthError(Exception):
    """Base of the package's errors."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one field of a request; `code` is for programs."""

    field: str
    code: str
    detail: str


class InvalidInput(AuthError):
    """Some fields of the request break the rules."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{v.field}: {v.detail}" for v in violations))
        self.violations = tuple(violations)


class EmailTaken(AuthError):
    """There is an account with this e-mail."""


class WrongCredentials(AuthError):
    """No active account has this e-mail and this password."""


class InvalidToken(AuthError):
    """The token is malformed, forged, expired, spent or revoked, or its user may not log in."""


class Throttled(AuthError):
    """Too many failed logins; `retry_after` seconds from now one may try again."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many failed logins, try again in {retry_after:.0f} s")
        self.retry_after = retry_after


class Unavailable(AuthError):
    """The auth service, or its database, cannot answer now."""
