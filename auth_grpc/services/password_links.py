"""A new password by a link: one use, for a while, and no session of before stays."""

from datetime import datetime

import structlog
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from auth_grpc import passwords, throttle
from auth_grpc.errors import InvalidInput, LinkUsed
from auth_grpc.models import Session, User
from auth_grpc.services.sessions import end_all
from restaurant.trail import Person, record

log = structlog.get_logger()


def count_link(*, email: str, address: str = "", now: datetime) -> None:
    """Count that somebody asks for a link, whether the account exists or not.

    Raises `Throttled`: a mailbox is not flooded, and addresses are not tried out.
    """
    email = User.normalize_username(email)
    throttle.count(throttle.LINKS, email=email, address=address, now=now)


def password_link(user: User) -> str:
    """Give the address where the user may choose a password, once, for a while."""
    key = urlsafe_base64_encode(force_bytes(str(user.pk)))
    token = default_token_generator.make_token(user)
    address = reverse("password_link", args=[key, token])
    return f"{settings.PUBLIC_URL}{address}"


def set_password(user: User, token: str, password: str, *, by: Person, now: datetime) -> None:
    """Spend a link's token for a password, and end all sessions of the user.

    Raises `InvalidInput`, `LinkUsed`, `Unavailable`. The token proves the password that the link
    was made under; of two that spend it at once, the one that finds that password still there wins.
    """
    if found := passwords.violations(password, user):
        raise InvalidInput(found)
    if not user.is_active or not default_token_generator.check_token(user, token):
        raise LinkUsed
    with passwords.turn():
        hash_ = make_password(password)
    with transaction.atomic(using="default"):
        # `record` here, for the hash is made before: an open transaction keeps others waiting.
        record(by, user, action="set_password_by_link", now=now)
        same = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
        if not same.update(password=hash_):
            raise LinkUsed
        end_all(user, reason=Session.Reason.PASSWORD, now=now)
    log.info("password_set_by_link", user_id=str(user.pk))
