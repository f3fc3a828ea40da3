"""Passwords: the rules for new ones, and the one place where they are hashed.

A hash takes argon2's 100 MB and tens of milliseconds, on purpose. So only a few are made at once,
and only so many may wait for their turn: a flood of logins must neither eat the memory nor hold
every thread that verifies tokens.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from auth_grpc.errors import Unavailable, Violation
from auth_grpc.models import User
from restaurant.bodies import words

MAX_LENGTH = 128
# Seconds to wait for a turn; the client's deadline for a login is longer.
PATIENCE = 5.0
_admitted = threading.BoundedSemaphore(settings.PASSWORD_HASHES_WAITING)
_hashing = threading.BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE)


def violations(password: str, user: User) -> list[Violation]:
    """Tell which of Django's validators refuse the password, in the order of the settings."""
    if len(password) > MAX_LENGTH:
        return [Violation("password", "too_long", words.longest_text(MAX_LENGTH))]
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [
            Violation("password", str(part.code or "invalid"), " ".join(part.messages))
            for part in error.error_list
        ]
    return []


def matches(user: User | None, password: str) -> bool:
    """Tell whether it is the user's password, at the same cost when there is no user.

    Django hashes a random text for an unusable password, with the same hasher. Raises
    `Unavailable` when too many wait.
    """
    with turn():
        asked = user or User(password=UNUSABLE_PASSWORD_PREFIX)
        return asked.check_password(password) and user is not None


@contextmanager
def turn() -> Iterator[None]:
    """Wait for the turn to hash. Raises `Unavailable` when the queue is full or too slow."""
    if not _admitted.acquire(blocking=False):
        raise Unavailable("too many logins at once")
    try:
        if not _hashing.acquire(timeout=PATIENCE):
            raise Unavailable("too many logins at once")
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _admitted.release()
