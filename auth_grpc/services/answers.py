"""Answers given again, byte for byte, to who asks again with the same idempotency key.

They lie sealed, since the transaction that made them and for no longer than `LIFETIME`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import TypeVar
from uuid import UUID

import msgspec
import structlog
from django.db import IntegrityError, transaction

from auth_grpc import sealing
from auth_grpc.errors import KeyInUse, KeyReused
from auth_grpc.models import SealedAnswer
from restaurant.idempotency import running

log = structlog.get_logger()
SALT = "auth_grpc.SealedAnswer.answer"
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Two signed JWTs; `expires_in` is the access token's life in seconds."""

    access: str
    refresh: str
    expires_in: int
    # Whether an earlier request with the same key was given them.
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """A session has ended; `replayed` tells that an earlier request with the key was told so."""

    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with a key of its user's; `sent` tells it from others, and is no password."""

    user_id: UUID
    method: str
    key: str
    sent: str = field(repr=False)

    @property
    def request_hash(self) -> str:
        return blake2b(self.sent.encode(), digest_size=16).hexdigest()


class Taken(Exception):
    """Another request took the key meanwhile: `given_before` tells of it."""


def claim(method: str, whose: object, key: str) -> None:
    """Keep other requests with a key, if there is one, out until the transaction ends.

    To be first in it, before a row of theirs is waited for. Raises `KeyInUse`.
    """
    if key and not running.claim(f"{method}:{whose}:{key}", using="default"):
        raise KeyInUse


def given_before(asked: Asked, kind: type[Answer]) -> Answer | None:
    """Give what a request was answered, None for a new one.

    Raises `KeyReused` when the key named another.
    """
    found = SealedAnswer.objects.filter(
        user=asked.user_id, method=asked.method, key=asked.key
    ).first()
    if found is None:
        return None
    if found.request_hash != asked.request_hash:
        raise KeyReused
    text = sealing.open_sealed(found.answer, salt=SALT)
    if text is None:
        log.warning("kept_answer_unreadable", user_id=str(asked.user_id))
        return None
    return msgspec.json.decode(text, type=kind)


def keep(asked: Asked, answer: object, *, now: datetime) -> None:
    """Keep an answer, a dataclass, as it is to be given again; in the transaction that made it.

    Raises `Taken`, which must undo that.
    """
    text = msgspec.json.encode(answer)
    try:
        with transaction.atomic(using="default"):
            SealedAnswer.objects.create(
                user_id=asked.user_id,
                method=asked.method,
                key=asked.key,
                request_hash=asked.request_hash,
                answer=sealing.seal(text.decode(), salt=SALT),
                created_at=now,
            )
    except IntegrityError:
        raise Taken from None
