"""Sessions of the API with their tokens, and those of the staff site."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from auth_grpc import identities
from auth_grpc.errors import InvalidToken, KeyReused
from auth_grpc.identities import Identity
from auth_grpc.models import RefreshToken, Session, StaffSession, User
from auth_grpc.services.answers import Asked, LoggedOut, Taken, Tokens, claim, given_before, keep
from auth_grpc.tokens import AccessToken
from auth_grpc.tokens import RefreshToken as RefreshJWT

log = structlog.get_logger()


def refresh(token: str, *, key: str = "", now: datetime) -> Tokens:
    """Spend a refresh token for a new pair. Raises `InvalidToken`, `KeyReused`, `KeyInUse`.

    A token that was spent before is in two hands, and which is the thief's cannot be known: its
    whole session is revoked (RFC 9700, 4.14.2). Of two that spend it at once, the lock lets one be
    second. Who sends the idempotency `key` with which it was spent has lost the answer, and gets
    the same pair as long as nobody has used that.
    """
    jwt = RefreshJWT.read(token)
    asked = Asked(jwt.user_id, "Refresh", key, token) if key else None
    with _key_taken(), transaction.atomic(using="default"):
        claim("Refresh", jwt.user_id, key)
        session = _locked_session(jwt)
        if session.user.is_asked_for_code and not session.second_factor:
            # Opened before the account was asked for a code.
            raise InvalidToken("no second factor")
        if asked and (lost := given_before(asked, Tokens)) and _is_unspent(lost):
            return lost
        if _spend(jwt, now):
            tokens = issue(session, now)
            if asked:
                keep(asked, replace(tokens, replayed=True), now=now)
            return tokens
        # The revocation must be kept, so the error is raised outside.
        revoke(session, reason=Session.Reason.REUSE, now=now)
    log.warning("refresh_token_reused", session_id=str(session.pk), user_id=str(session.user_id))
    raise InvalidToken("spent")


def logout(token: str, *, key: str = "", now: datetime) -> LoggedOut:
    """End the session of a refresh token; one that has ended stays so.

    Raises `InvalidToken`, `KeyReused` to who sends another token with the same `key`, and
    `KeyInUse` while the first request with it runs.
    """
    jwt = RefreshJWT.read(token)
    asked = Asked(jwt.user_id, "Logout", key, token) if key else None
    with _key_taken(), transaction.atomic(using="default"):
        claim("Logout", jwt.user_id, key)
        # Locked, so that no answer is kept for who is deleted meanwhile.
        session = Session.objects.select_for_update().filter(pk=jwt.session_id).first()
        if asked and (given := given_before(asked, LoggedOut)):
            return given
        if session:
            revoke(session, reason=Session.Reason.LOGOUT, now=now)
            if asked:
                keep(asked, LoggedOut(replayed=True), now=now)
    return LoggedOut()


def revoke(session: Session, *, reason: str, now: datetime) -> bool:
    """End a session; tells whether it was open. Its tokens are refused from then on."""
    ended = Session.objects.filter(pk=session.pk, revoked_at=None).update(
        revoked_at=now, revoked_reason=reason
    )
    identities.forget_session(session.pk, session.user_id)
    return bool(ended)


def end_some(
    user: User, *, tokens: Collection[uuid.UUID], browsers: Collection[str], now: datetime
) -> int:
    """End sessions of the user: of the API by their ids, of the staff site by their keys.

    Gives how many were open; those of others are left alone.
    """
    with transaction.atomic(using="default"):
        open_ones = user.sessions.filter(pk__in=tokens, revoked_at=None)
        ended = open_ones.update(revoked_at=now, revoked_reason=Session.Reason.STAFF)
        gone, _ = user.staff_sessions.filter(pk__in=browsers).delete()
    identities.forget()
    return ended + gone


def end_all(user: User, *, reason: str, now: datetime) -> None:
    """End all sessions of the user, of the API and of the staff site."""
    user.sessions.filter(revoked_at=None).update(revoked_at=now, revoked_reason=reason)
    StaffSession.objects.filter(user=user).delete()
    identities.forget()


def verify(token: str) -> Identity:
    """Tell whose access token this is, as of now. Raises `InvalidToken`."""
    return identities.of(AccessToken.read(token))


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


@contextmanager
def _key_taken() -> Iterator[None]:
    """Tell of a key that another session of the user's took at this moment."""
    try:
        yield
    except Taken:
        raise KeyReused from None


def _is_unspent(tokens: Tokens) -> bool:
    jwt = RefreshJWT.read(tokens.refresh)
    return RefreshToken.objects.filter(pk=jwt.id, spent_at=None).exists()


def _spend(jwt: RefreshJWT, now: datetime) -> bool:
    unspent = RefreshToken.objects.filter(pk=jwt.id, session=jwt.session_id, spent_at=None)
    return unspent.update(spent_at=now) == 1


def issue(session: Session, now: datetime) -> Tokens:
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
