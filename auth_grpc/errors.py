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


class CodeNeeded(AuthError):
    """The account takes a code of its second factor, or has one to set up on the staff site."""


class WrongCode(AuthError):
    """The code is wrong, too old, or was used before."""


class FactorAlreadySetUp(AuthError):
    """The user has a second factor."""


class NoFactor(AuthError):
    """The user has no second factor."""


class OwnAccount(AuthError):
    """Nobody can deactivate themselves."""


class LastSuperuser(AuthError):
    """The last active superuser has to stay."""


class AlreadySo(AuthError):
    """It was so before."""


class NoMailServer(AuthError):
    """No mail server is configured; whoever runs this can print a link to hand over."""


class MailAway(AuthError):
    """No mail can be sent now; try again in some minutes."""


class LinkUsed(AuthError):
    """The link was used, has expired, or is not whole."""


class InvalidToken(AuthError):
    """The token is malformed, forged, expired, spent or revoked, or its user may not log in."""


class Throttled(AuthError):
    """Too many failed logins; `retry_after` seconds from now one may try again."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many failed logins, try again in {retry_after:.0f} s")
        self.retry_after = retry_after


class Unavailable(AuthError):
    """The auth service, or its database, cannot answer now."""


# How a login that lacks a good code is told from one with wrong credentials, in gRPC's ErrorInfo.
REASONS: dict[type[AuthError], str] = {CodeNeeded: "CODE_NEEDED", WrongCode: "WRONG_CODE"}
