"""The keys whose requests run now: a second request with one of them does not wait for the first.

Here those of this process; between processes a lock of PostgreSQL's tells, which goes with its
transaction. SQLite lets one writer in at a time: there the second waits, and then answers again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connections

from restaurant.idempotency import refusals
from restaurant.idempotency.keys import Key

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
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(key)])
        if not cursor.fetchone()[0]:
            raise refusals.in_use()


def _number(key: Key) -> int:
    """Give a key's number among the database's advisory locks, which have 64 bits."""
    name = f"idempotency:{key.user_id}:{key.route}:{key.text}"
    digest = blake2b(name.encode(errors="surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
