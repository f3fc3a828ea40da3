"""What the auth service refuses, and why. Its client raises the same errors on the other side."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from restaurant.told import Told


class AuthError(Told):
    """Base of the package's errors."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one field of a request; `code` is for programs."""

    field: str
    code: str
    detail: str


class InvalidInput(AuthError):
    text = _("Some fields of the request break the rules.")

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{v.field}: {v.detail}" for v in violations))
        self.violations = tuple(violations)


class EmailTaken(AuthError):
    text = _("There is an account with this e-mail.")


class WrongCredentials(AuthError):
    text = _("No active account has this e-mail and this password.")


class CodeNeeded(AuthError):
    text = _("The account takes a code, or has a second factor to set up on the staff site.")


class WrongCode(AuthError):
    text = _("The code is wrong, too old, or was used before.")


class FactorAlreadySetUp(AuthError):
    text = _("The user has a second factor.")


class NoFactor(AuthError):
    text = _("The user has no second factor.")


class OwnAccount(AuthError):
    text = _("Nobody can deactivate themselves.")


class LastSuperuser(AuthError):
    text = _("The last active superuser has to stay.")


class AlreadySo(AuthError):
    text = _("It was so before.")


class NoMailServer(AuthError):
    text = _("No mail server is configured; whoever runs this can print a link to hand over.")


class MailAway(AuthError):
    text = _("No mail can be sent now; try again in some minutes.")


class LinkUsed(AuthError):
    text = _("The link was used, has expired, or is not whole.")


class InvalidToken(AuthError):
    text = _("The token is forged, expired, spent or revoked, or its user may not log in.")


class KeyReused(AuthError):
    text = _("The idempotency key was used before, with another request.")


class KeyInUse(AuthError):
    text = _("The first request with the idempotency key still runs.")


class Throttled(AuthError):
    """`retry_after` seconds from now one may try again."""

    text = _("There were too many tries. Wait a while.")

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many failed logins, try again in {retry_after:.0f} s")
        self.retry_after = retry_after


class Unavailable(AuthError):
    text = _("The auth service, or its database, cannot answer now.")


# How a login that lacks a good code is told from one with wrong credentials, in gRPC's ErrorInfo.
REASONS: dict[type[AuthError], str] = {CodeNeeded: "CODE_NEEDED", WrongCode: "WRONG_CODE"}
