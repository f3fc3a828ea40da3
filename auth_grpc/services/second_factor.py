"""Codes of a telephone, set up, taken and taken away."""

import hashlib
import secrets
from base64 import b32encode
from datetime import datetime

import structlog
from django.db import transaction

from auth_grpc import otp
from auth_grpc.errors import FactorAlreadySetUp, NoFactor, WrongCode
from auth_grpc.models import RecoveryCode, SecondFactor, Session, User
from auth_grpc.services.sessions import end_all
from restaurant import trail

log = structlog.get_logger()
RECOVERY_CODES = 10
# 80 bits: nobody guesses them, so that a quick hash keeps them.
RECOVERY_BYTES = 10


def set_up_factor(user: User, *, secret: str, code: str, now: datetime) -> list[str]:
    """Keep a secret of which the user has shown a code; gives codes to recover with.

    They are told this once. All sessions end, for nothing but a password opened them. Raises
    `WrongCode`, `FactorAlreadySetUp`.
    """
    step = otp.step_of(secret, _plain(code), now=now)
    if step is None:
        raise WrongCode
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    with transaction.atomic(using="default"):
        held = User.objects.select_for_update().get(pk=user.pk)
        if held.second_factor_since:
            raise FactorAlreadySetUp
        trail.changing(held)
        factor = SecondFactor.objects.create(
            user=user, secret=otp.seal(secret), created_at=now, last_step=step
        )
        RecoveryCode.objects.bulk_create(
            RecoveryCode(factor=factor, digest=_digest(one)) for one in codes
        )
        _remember(user, now)
        end_all(user, reason=Session.Reason.FACTOR, now=now)
    log.info("second_factor_set_up", user_id=str(user.pk))
    return codes


def remove_factor(user: User, *, now: datetime) -> None:
    """Forget a user's second factor, and end all their sessions. Raises `NoFactor`."""
    with transaction.atomic(using="default"):
        trail.changing(User.objects.select_for_update().get(pk=user.pk))
        deleted, _ = SecondFactor.objects.filter(user=user).delete()
        if not deleted:
            raise NoFactor
        _remember(user, None)
        end_all(user, reason=Session.Reason.FACTOR, now=now)
    log.info("second_factor_removed", user_id=str(user.pk))


def takes(user: User, code: str, *, now: datetime) -> bool:
    """Tell whether it is a good code of the user's, and use it up.

    Of two that come with the same code at once, the conditional update lets one in.
    """
    code = _plain(code)
    if not code.isdigit():
        unused = RecoveryCode.objects.filter(
            factor__user=user, digest=_digest(code), used_at__isnull=True
        )
        return unused.update(used_at=now) == 1
    factor = SecondFactor.objects.filter(user=user).first()
    secret = otp.open_sealed(factor.secret) if factor else None
    step = otp.step_of(secret, code, now=now) if secret else None
    if step is None:
        return False
    unused_steps = SecondFactor.objects.filter(user=user, last_step__lt=step)
    return unused_steps.update(last_step=step) == 1


def _remember(user: User, since: datetime | None) -> None:
    User.objects.filter(pk=user.pk).update(second_factor_since=since)
    user.second_factor_since = since


def _new_code() -> str:
    text = b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[first : first + 4] for first in range(0, len(text), 4))


def _plain(code: str) -> str:
    """Give a code without what people put between its characters."""
    return "".join(code.split()).replace("-", "").lower()


def _digest(code: str) -> str:
    return hashlib.sha256(_plain(code).encode()).hexdigest()
