"""A connection to Redis for each thread.

For what is asked in every other request: the client's pool and its retries cost as much again.
The pool's books would keep connections of threads that have ended, so these are not in them.
"""

import os
import threading
import weakref
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as Disconnected

_own = threading.local()


def ask(*command: Any) -> Any:
    """Give Redis' answer, texts as bytes. Raises `RedisError`.

    A command whose connection broke is sent once more: ask only what may be done twice.
    """
    pool = get_redis_connection("default").connection_pool
    own: _Own | None = getattr(_own, "found", None)
    if own is None or own.pool is not pool:
        own = _own.found = _Own(pool)
    try:
        return _send(own.connection, command)
    except Disconnected:
        # It was closed meanwhile, as by a restart; asking again opens it anew.
        return _send(own.connection, command)


class _Own:
    """A thread's connection, closed when the thread ends and nobody has this any more."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self.connection = pool.connection_class(**pool.connection_kwargs)
        # The collector would come late: a connection and its parts refer to each other.
        weakref.finalize(self, self.connection.disconnect)
        self.connection.connect()


def _send(connection: Any, command: tuple[Any, ...]) -> Any:
    connection.send_command(*command)
    return connection.read_response()


def _forget_parents() -> None:
    """A forked process must not share its parent's connections."""
    global _own
    _own = threading.local()


os.register_at_fork(after_in_child=_forget_parents)
