"""A customer's account made once, however often the same request comes."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from auth_grpc.errors import EmailTaken, KeyReused, WrongCredentials
from auth_grpc.models import User
from auth_grpc.services.accounts import register
from auth_grpc.services.answers import Asked, claim, given_before, keep
from auth_grpc.services.logins import authenticate


@dataclass(frozen=True, slots=True)
class Registered:
    """An account as it was made; `replayed` tells that an earlier request with the key made it."""

    id: str
    email: str
    name: str
    replayed: bool = False


def register_once(
    *, email: str, password: str, name: str = "", key: str, now: datetime
) -> Registered:
    """Make a customer, or give the one that the idempotency key made.

    Raises as `register` does; `KeyReused`, or `Throttled`, to who comes again with the key and
    another password or name; and `KeyInUse` to who comes while it is made.
    """
    kept = partial(_keep, key=key, sent=name, now=now) if key else None
    claimed = partial(_claim, key=key)
    try:
        user = register(email=email, password=password, name=name, first=claimed, then=kept)
    except EmailTaken:
        if key and (before := _before(email, password, name, key, now)):
            return before
        raise
    return _registered(user)


def _before(email: str, password: str, name: str, key: str, now: datetime) -> Registered | None:
    user = User.objects.filter(email=User.normalize_username(email)).first()
    if user is None or not (given := given_before(_asked(user, key, name), Registered)):
        return None
    try:
        # Counted, as any guess at a password is.
        authenticate(email=email, password=password, address="", now=now)
    except WrongCredentials:
        raise KeyReused from None
    return given


def _claim(user: User, *, key: str) -> None:
    # Two that make the same account have the e-mail in common, and no id yet.
    claim("Register", user.email, key)


def _keep(user: User, *, key: str, sent: str, now: datetime) -> None:
    keep(_asked(user, key, sent), _registered(user, replayed=True), now=now)


def _asked(user: User, key: str, sent: str) -> Asked:
    return Asked(user.pk, "Register", key, sent)


def _registered(user: User, *, replayed: bool = False) -> Registered:
    return Registered(str(user.pk), user.email, user.name, replayed)
