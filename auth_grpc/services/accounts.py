"""Making users.

Passwords are hashed outside of transactions: on SQLite one that is open keeps all others waiting.
"""

from collections.abc import Callable
from unicodedata import category

import structlog
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from auth_grpc import passwords
from auth_grpc.errors import EmailTaken, InvalidInput, Violation
from auth_grpc.models import NAME_LENGTH, Role, User
from auth_grpc.roles import STAFF_ROLES

log = structlog.get_logger()
Beside = Callable[[User], object]


def register(
    *,
    email: str,
    password: str,
    name: str = "",
    first: Beside | None = None,
    then: Beside | None = None,
) -> User:
    """Make a customer, and do something more in the same transaction, before and after.

    Raises `InvalidInput`, `EmailTaken`, `Unavailable` (too many at once).
    """
    user = User(email=User.normalize_username(email), name=name.strip())
    return _create_user(user, password, Role.CUSTOMER, first, then)


def create_staff(*, email: str, password: str, role: str, name: str = "") -> User:
    """Make a user of the staff site with one role. Raises as `register` does."""
    if role not in STAFF_ROLES:
        raise InvalidInput(
            [Violation("role", "invalid", f"One of {', '.join(sorted(STAFF_ROLES))}")]
        )
    user = User(email=User.normalize_username(email), name=name.strip(), is_staff=True)
    return _create_user(user, password, Role(role))


def _create_user(
    user: User,
    password: str,
    role: Role,
    first: Beside | None = None,
    then: Beside | None = None,
) -> User:
    if found := [*_violations(user), *passwords.violations(password, user)]:
        raise InvalidInput(found)
    if User.objects.filter(email=user.email).exists():
        raise EmailTaken
    with passwords.turn():
        user.set_password(password)
    try:
        with transaction.atomic(using="default"):
            if first:
                first(user)
            user.save(force_insert=True)
            user.groups.add(Group.objects.get(name=role))
            if then:
                then(user)
    except IntegrityError:
        raise EmailTaken from None
    log.info("user_created", user_id=str(user.pk), role=str(role))
    return user


def _violations(user: User) -> list[Violation]:
    found = []
    try:
        validate_email(user.email)
    except ValidationError as error:
        found.append(Violation("email", "invalid", " ".join(error.messages)))
    if not fits_a_line(user.name, NAME_LENGTH):
        detail = f"At most {NAME_LENGTH} characters, on one line."
        found.append(Violation("name", "invalid", detail))
    return found


def fits_a_line(text: str, length: int) -> bool:
    """No control characters or line breaks; joiners, which scripts and emoji need, may stand."""
    return len(text) <= length and not any(category(c) in ("Cc", "Zl", "Zp") for c in text)
