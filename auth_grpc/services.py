"""Use cases of accounts. All writes go through here; times are UTC and passed in.

Passwords are hashed outside of transactions: on SQLite one that is open keeps all others waiting.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import category

import structlog
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from auth_grpc import identities, keys, passwords, throttle
from auth_grpc.errors import (
    EmailTaken,
    InvalidInput,
    InvalidToken,
    Unavailable,
    Violation,
    WrongCredentials,
)
from auth_grpc.identities import Identity
from auth_grpc.models import LoginCount, RefreshToken, Role, Session, SigningKey, User
from auth_grpc.roles import STAFF_ROLES
from auth_grpc.tokens import AccessToken
from auth_grpc.tokens import RefreshToken as RefreshJWT
from restaurant.addresses import normal_address

log = structlog.get_logger()
EMAIL_LENGTH, NAME_LENGTH, USER_AGENT_LENGTH = 254, 150, 200


@dataclass(frozen=True, slots=True)
class Tokens:
    """Two signed JWTs; `expires_in` is the access token's life in seconds."""

    access: str
    refresh: str
    expires_in: int


def register(*, email: str, password: str, name: str = "") -> User:
    """Make a customer. Raises `InvalidInput`, `EmailTaken`, `Unavailable` (too many at once)."""
    return _create_user(
        User(email=User.normalize_username(email), name=name.strip()), password, Role.CUSTOMER
    )


def create_staff(*, email: str, password: str, role: str, name: str = "") -> User:
    """Make a user of the staff site with one role. Raises as `register` does."""
    if role not in STAFF_ROLES:
        raise InvalidInput(
            [Violation("role", "invalid", f"One of {', '.join(sorted(STAFF_ROLES))}")]
        )
    user = User(email=User.normalize_username(email), name=name.strip(), is_staff=True)
    return _create_user(user, password, Role(role))


def authenticate(*, email: str, password: str, address: str, now: datetime) -> User:
    """Give the active user with this e-mail and password.

    `address` is the client's, for the throttle; it may be empty. Raises `WrongCredentials`,
    `Throttled`, `Unavailable`; whichever credential is wrong, one hash has been made.
    """
    email = User.normalize_username(email)
    if not _fits_a_line(email, EMAIL_LENGTH):
        raise WrongCredentials
    throttle.count(email=email, address=address, now=now)
    user = User.objects.filter(email=email).first()
    try:
        is_right = passwords.matches(user, password)
    except Unavailable:
        throttle.take_back(email=email, address=address)
        raise
    if not is_right or not (user and user.is_active):
        log.info("login_failed", address=address)
        raise WrongCredentials
    throttle.forgive(email=email, address=address)
    return user


def login(
    *, email: str, password: str, address: str = "", user_agent: str = "", now: datetime
) -> Tokens:
    """Open a session. Raises as `authenticate` does."""
    user = authenticate(email=email, password=password, address=address, now=now)
    with transaction.atomic(using="default"):
        session = Session.objects.create(
            user=user,
            created_at=now,
            used_at=now,
            expires_at=now,
            address=normal_address(address),
            user_agent=user_agent.replace("\0", "")[:USER_AGENT_LENGTH],
        )
        User.objects.filter(pk=user.pk).update(last_login=now)
        return _issue(session, now)


def refresh(token: str, *, now: datetime) -> Tokens:
    """Spend a refresh token for a new pair. Raises `InvalidToken`.

    A token that was spent before is in two hands, and which is the thief's cannot be known: its
    whole session is revoked (RFC 9700, 4.14.2). Of two that spend it at once, the lock lets one be
    second.
    """
    jwt = RefreshJWT.read(token)
    with transaction.atomic(using="default"):
        session = _locked_session(jwt)
        if _spend(jwt, now):
            return _issue(session, now)
        # The revocation must be kept, so the error is raised outside.
        revoke(session, reason=Session.Reason.REUSE, now=now)
    log.warning("refresh_token_reused", session=str(session.pk), user=str(session.user_id))
    raise InvalidToken("spent")


def logout(token: str, *, now: datetime) -> None:
    """End the session of a refresh token; one that has ended stays so. Raises `InvalidToken`."""
    jwt = RefreshJWT.read(token)
    session = Session.objects.filter(pk=jwt.session_id).first()
    if session:
        revoke(session, reason=Session.Reason.LOGOUT, now=now)


def revoke(session: Session, *, reason: str, now: datetime) -> bool:
    """End a session; tells whether it was open. Its tokens are refused from then on."""
    ended = Session.objects.filter(pk=session.pk, revoked_at=None).update(
        revoked_at=now, revoked_reason=reason
    )
    identities.forget_session(session.pk, session.user_id)
    return bool(ended)


def verify(token: str) -> Identity:
    """Tell whose access token this is, as of now. Raises `InvalidToken`."""
    return identities.of(AccessToken.read(token))


def rotate_keys(*, now: datetime) -> str:
    """Sign with a new key from now on; gives its id."""
    return keys.rotate(now=now).kid


def purge(*, now: datetime) -> int:
    """Delete what is over: sessions, refresh tokens, keys, login counts; gives how many rows.

    A spent token stays until it expires, so that its reuse is seen.
    """
    expired = RefreshToken.objects.filter(expires_at__lt=now)
    over = [
        _delete(expired),
        _delete(Session.objects.filter(expires_at__lt=now)),
        _delete(SigningKey.objects.filter(expires_at__lt=now)),
        _delete(LoginCount.objects.filter(resets_at__lt=now)),
    ]
    log.info("accounts_purged", rows=sum(over))
    return sum(over)


def _delete(rows: QuerySet[Any], chunk: int = 1000) -> int:
    """Delete in small transactions, which keep nobody waiting long."""
    deleted = 0
    while keys_ := list(rows.order_by().values_list("pk", flat=True)[:chunk]):
        deleted += rows.model.objects.filter(pk__in=keys_).delete()[0]
    return deleted


def _create_user(user: User, password: str, role: Role) -> User:
    if found := [*_violations(user), *passwords.violations(password, user)]:
        raise InvalidInput(found)
    if User.objects.filter(email=user.email).exists():
        raise EmailTaken
    with passwords.turn():
        user.set_password(password)
    try:
        with transaction.atomic(using="default"):
            user.save(force_insert=True)
            user.groups.add(Group.objects.get(name=role))
    except IntegrityError:
        raise EmailTaken from None
    log.info("user_created", user=str(user.pk), role=str(role))
    return user


def _violations(user: User) -> list[Violation]:
    found = []
    try:
        validate_email(user.email)
    except ValidationError as error:
        found.append(Violation("email", "invalid", " ".join(error.messages)))
    if not _fits_a_line(user.name, NAME_LENGTH):
        detail = f"At most {NAME_LENGTH} characters, on one line."
        found.append(Violation("name", "invalid", detail))
    return found


def _fits_a_line(text: str, length: int) -> bool:
    """No control characters or line breaks; joiners, which scripts and emoji need, may stand."""
    return len(text) <= length and not any(category(c) in ("Cc", "Zl", "Zp") for c in text)


def _locked_session(jwt: RefreshJWT) -> Session:
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=jwt.session_id, revoked_at=None, user__is_active=True)
        .first()
    )
    if session is None:
        raise InvalidToken("session has ended")
    return session


def _spend(jwt: RefreshJWT, now: datetime) -> bool:
    unspent = RefreshToken.objects.filter(pk=jwt.id, session=jwt.session_id, spent_at=None)
    return unspent.update(spent_at=now) == 1


def _issue(session: Session, now: datetime) -> Tokens:
    """Make the next pair of a session, and move the session's end to the refresh token's."""
    access = AccessToken.issue(user_id=session.user_id, session_id=session.pk, now=now)
    next_refresh = RefreshJWT.issue(user_id=session.user_id, session_id=session.pk, now=now)
    access.set_roles(session.user.groups.values_list("name", flat=True))
    RefreshToken.objects.create(
        pk=next_refresh.id, session=session, expires_at=next_refresh.expires_at
    )
    session.used_at, session.expires_at = now, next_refresh.expires_at
    session.save(update_fields=["used_at", "expires_at"])
    lifetime = int(settings.ACCESS_TOKEN_LIFETIME.total_seconds())
    return Tokens(access=str(access), refresh=str(next_refresh), expires_in=lifetime)
