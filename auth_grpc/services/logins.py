"""Who is this: by password, and by a code where the account is asked for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import structlog
from django.db import transaction

from auth_grpc import passwords, throttle
from auth_grpc.errors import (
    CodeNeeded,
    KeyInUse,
    KeyReused,
    Unavailable,
    WrongCode,
    WrongCredentials,
)
from auth_grpc.models import EMAIL_LENGTH, Session, User
from auth_grpc.services.accounts import fits_a_line
from auth_grpc.services.answers import Asked, Taken, Tokens, claim, given_before, keep
from auth_grpc.services.second_factor import takes
from auth_grpc.services.sessions import issue
from restaurant.addresses import normal_address

log = structlog.get_logger()
USER_AGENT_LENGTH = 200


def authenticate(*, email: str, password: str, address: str, now: datetime) -> User:
    """Give the active user with this e-mail and password.

    `address` is the client's, for the throttle; it may be empty. Raises `WrongCredentials`,
    `Throttled`, `Unavailable`; whichever credential is wrong, one hash has been made.
    """
    email = User.normalize_username(email)
    if not fits_a_line(email, EMAIL_LENGTH):
        raise WrongCredentials
    throttle.count(throttle.LOGINS, email=email, address=address, now=now)
    user = User.objects.filter(email=email).first()
    try:
        is_right = passwords.matches(user, password)
    except Unavailable:
        throttle.take_back(throttle.LOGINS, email=email, address=address)
        raise
    if not is_right or not (user and user.is_active):
        # Neither who nor whence: both are personal, and the first may be a misplaced password.
        log.info("login_failed")
        raise WrongCredentials
    throttle.forgive(throttle.LOGINS, email=email, address=address)
    return user


def login(
    *,
    email: str,
    password: str,
    code: str = "",
    address: str = "",
    user_agent: str = "",
    key: str = "",
    now: datetime,
) -> Tokens:
    """Open a session of the API. Raises as `authenticate` and, where asked, `check_code` do.

    Who comes again with the same idempotency `key` is given the session that it opened; raises
    `KeyReused` when that was by another code, and `KeyInUse` while it is opened.
    """
    user = authenticate(email=email, password=password, address=address, now=now)
    # Of what was sent only the code can differ: whose account it is, the password has shown.
    asked = Asked(user.pk, "Login", key, code) if key else None
    if asked and (tokens := given_before(asked, Tokens)):
        return tokens
    session = Session(
        user=user,
        created_at=now,
        used_at=now,
        expires_at=now,
        address=normal_address(address),
        user_agent=user_agent.replace("\0", "")[:USER_AGENT_LENGTH],
        second_factor=user.is_asked_for_code,
    )
    if not session.second_factor:
        return _open(session, "", asked, now)
    with _counted(user, code, address, now):
        return _open(session, code, asked, now)


def _open(session: Session, code: str, asked: Asked | None, now: datetime) -> Tokens:
    """Take the code and open the session, both or neither: who repeats it has the code still."""
    try:
        with transaction.atomic(using="default"):
            claim("Login", session.user_id, asked.key if asked else "")
            if asked and (tokens_of_twin := given_before(asked, Tokens)):
                return tokens_of_twin
            # Locked before the factor, as by who takes that away.
            User.objects.filter(pk=session.user_id).update(last_login=now)
            if session.second_factor and not takes(session.user, code, now=now):
                raise WrongCode
            session.save(force_insert=True)
            tokens = issue(session, now)
            if asked:
                keep(asked, replace(tokens, replayed=True), now=now)
    except Taken:
        # By a twin of this request, a moment ago.
        if asked and (tokens_of_twin := given_before(asked, Tokens)):
            return tokens_of_twin
        raise Unavailable from None
    log.info("session_opened", user_id=str(session.user_id), session_id=str(session.pk))
    return tokens


def check_code(user: User, code: str, *, address: str, now: datetime) -> None:
    """Take a code of the user's second factor, or one to recover with; each is good once.

    Raises `CodeNeeded` where there is none to look at, `WrongCode`, `Throttled`.
    """
    with _counted(user, code, address, now):
        if not takes(user, code, now=now):
            raise WrongCode


@contextmanager
def _counted(user: User, code: str, address: str, now: datetime) -> Iterator[None]:
    """Count a try at a code before it is looked at, in a transaction that no failure undoes."""
    if not code or user.second_factor_since is None:
        raise CodeNeeded
    throttle.count(throttle.CODES, email=user.email, address=address, now=now)
    try:
        yield
    except WrongCode:
        log.info("code_refused", user_id=str(user.pk))
        raise
    except (KeyInUse, KeyReused, Unavailable):
        # It was not looked at.
        throttle.take_back(throttle.CODES, email=user.email, address=address)
        raise
    throttle.forgive(throttle.CODES, email=user.email, address=address)
