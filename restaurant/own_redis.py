"""A connection to Redis for each thread.

For what is asked in every other request: the client's pool and its retries cost as much again.
"""

import os
import threading
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as Disconnected

_own = threading.local()


def ask(*command: Any) -> Any:
    """Give Redis' answer, texts as bytes. Raises `RedisError`.

    A command whose connection broke is sent once more: ask only what may be done twice.
    """
    pool = get_redis_connection("default").connection_pool
    if getattr(_own, "pool", None) is not pool:
        _own.pool, _own.connection = pool, pool.get_connection()
    try:
        return _send(_own.connection, command)
    except Disconnected:
        # It was closed meanwhile, as by a restart; asking again opens it anew.
        return _send(_own.connection, command)


def _send(connection: Any, command: tuple[Any, ...]) -> Any:
    connection.send_command(*command)
    return connection.read_response()


def _forget_parents() -> None:
    """A forked process must not share its parent's connections."""
    global _own
    _own = threading.local()


os.register_at_fork(after_in_child=_forget_parents)
