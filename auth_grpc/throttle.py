"""How many logins may fail: so many an account, and so many an address, in a window of time.

Wrong codes of a second factor, and links that are asked for, are counted in the same way.

An attempt is counted before its password is looked at, and forgiven when it was right: guesses
sent all at once are counted as well as those sent in turn. While a count is full nothing is
looked at, not even the right password, so that an answer tells nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from auth_grpc.errors import Throttled
from auth_grpc.models import LoginCount
from restaurant.addresses import network_of

Scope = LoginCount.Scope
Subject = tuple[str, str]


@dataclass(frozen=True)
class Kind:
    """What is counted for an account and for an address, up to the settings' limits."""

    account: Scope
    address: Scope
    account_limit: str
    address_limit: str
    window: str

    def subjects(self, email: str, address: str) -> list[Subject]:
        found = (self.account, email), (self.address, network_of(address))
        return [subject for subject in found if subject[1]]

    def limit(self, scope: str) -> int:
        name = self.account_limit if scope == self.account else self.address_limit
        return int(getattr(settings, name))


LOGINS = Kind(
    Scope.ACCOUNT,
    Scope.ADDRESS,
    "LOGIN_FAILURES_PER_ACCOUNT",
    "LOGIN_FAILURES_PER_ADDRESS",
    "LOGIN_FAILURE_WINDOW",
)
# For themselves: the right password before each code must not forgive the wrong codes.
CODES = replace(LOGINS, account=Scope.CODE, account_limit="CODE_FAILURES_PER_ACCOUNT")
LINKS = Kind(
    Scope.LINK,
    Scope.LINKS_FROM,
    "PASSWORD_LINKS_PER_ACCOUNT",
    "PASSWORD_LINKS_PER_ADDRESS",
    "PASSWORD_LINK_WINDOW",
)


def count(kind: Kind, *, email: str, address: str, now: datetime) -> None:
    """Count an attempt as a failure, until it is forgiven. Raises `Throttled`, counting nothing."""
    subjects = kind.subjects(email, address)
    with transaction.atomic(using="default"):
        rows = _locked(subjects, now, now + getattr(settings, kind.window))
        full = [row.resets_at for row in rows if row.failures >= kind.limit(row.scope)]
        if full:
            raise Throttled((max(full) - now).total_seconds())
        for row in rows:
            row.failures += 1
        LoginCount.objects.bulk_update(rows, ["failures", "resets_at"])


def forgive(kind: Kind, *, email: str, address: str) -> None:
    """Take back an attempt that was right, and the account's failures before it.

    The address keeps its others: else one own account would be enough to guess at all.
    """
    LoginCount.objects.filter(scope=kind.account, subject=email).delete()
    take_back(kind, email=email, address=address)


def take_back(kind: Kind, *, email: str, address: str) -> None:
    """Take back a counted attempt whose password was not looked at, or was right."""
    LoginCount.objects.filter(_any(kind.subjects(email, address)), failures__gt=0).update(
        failures=F("failures") - 1
    )


def _locked(subjects: list[Subject], now: datetime, resets_at: datetime) -> list[LoginCount]:
    """Give the counts' rows, locked in one order, and begun anew where their window is over."""
    LoginCount.objects.bulk_create(
        [LoginCount(scope=scope, subject=name, resets_at=resets_at) for scope, name in subjects],
        ignore_conflicts=True,
    )
    rows = list(
        LoginCount.objects.select_for_update().filter(_any(subjects)).order_by("scope", "subject")
    )
    for row in rows:
        if row.resets_at <= now:
            row.failures, row.resets_at = 0, resets_at
    return rows


def _any(subjects: list[Subject]) -> Q:
    found = Q(pk__in=())
    for scope, name in subjects:
        found |= Q(scope=scope, subject=name)
    return found
