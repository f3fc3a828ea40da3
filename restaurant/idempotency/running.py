"""The keys whose requests run now: a second request with one of them hardly waits for the first.

Here those of this process; between processes a lock of PostgreSQL's tells, which goes with its
transaction. SQLite lets one writer in at a time: there the second waits, and then answers again.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connections

from restaurant.idempotency import refusals
from restaurant.idempotency.keys import Key

# For a request whose process has died the proxy asks another at once, and the first, which the
# database or auth has at hand still, is over in less.
PATIENCE_SECONDS = 0.25
POLL_SECONDS = 0.01
_running: set[Key] = set()
_changing = threading.Lock()


@contextmanager
def hold(key: Key) -> Iterator[None]:
    """Keep other requests of this process with the same key out; raises a problem, 409, to them."""
    with _changing:
        if key in _running:
            raise refusals.in_use()
        _running.add(key)
    try:
        yield
    finally:
        _running.discard(key)


def lock(key: Key, *, using: str) -> None:
    """Keep other processes' requests with the same key out until the transaction ends.

    Raises a problem, 409, when another process has it.
    """
    if not claim(f"{key.user_id}:{key.route}:{key.text}", using=using):
        raise refusals.in_use()


def claim(name: str, *, using: str) -> bool:
    """Keep other transactions that claim the same name out until this one ends.

    Waits a moment for another that has it, and tells whether it got it.
    """
    if connections[using].vendor != "postgresql":
        return True
    until = time.monotonic() + PATIENCE_SECONDS
    while not (claimed := _is_free(name, using)) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    return claimed


def _is_free(name: str, using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(name)])
        return bool(cursor.fetchone()[0])


def _number(name: str) -> int:
    """Give a name's number among the database's advisory locks, which have 64 bits."""
    digest = blake2b(f"idempotency:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
