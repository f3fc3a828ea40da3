"""Looking after a thread's connections.

Around each request, for less: at its start and its end Django goes through all databases, and asks
each whether this thread has a connection: a tenth of what a read from the cache costs. Here the
thread knows those that it opened, which are none where requests are answered from the cache or by
the intake's writer. Its caches are asked as well whether they would be closed, which Redis' here
never are.
"""

import threading
from typing import Any

from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections, reset_queries
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from restaurant.messaging.retry import is_read_only


class _Opened(threading.local):
    def __init__(self) -> None:
        self.connections: set[BaseDatabaseWrapper] = set()


_opened = _Opened()


def install() -> None:
    """Take the place of Django's receivers, in a process that serves a request a thread."""
    connection_created.connect(_remember)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
        signal.connect(close_old)
    request_finished.disconnect(close_caches)
    if not settings.DEBUG:
        # Queries are logged under DEBUG alone.
        request_started.disconnect(reset_queries)


def close_old(**_: Any) -> None:
    """Close those of this thread's connections that broke, or are older than `CONN_MAX_AGE`."""
    for connection in _opened.connections:
        connection.close_if_unusable_or_obsolete()


def close_after(fault: Exception) -> None:
    """Close those of this thread's connections that are of no use after a fault of a database.

    A server that was demoted to a standby answers, and writes nothing: only a new connection may
    lead to the one that was promoted. One in a transaction is left to whoever began it.
    """
    read_only = is_read_only(fault)
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if read_only:
            connection.close()
        else:
            connection.close_if_unusable_or_obsolete()


def _remember(connection: BaseDatabaseWrapper, **_: Any) -> None:
    _opened.connections.add(connection)


def bound_lock_waits(alias: str, milliseconds: int) -> None:
    """Have this thread's connections to PostgreSQL wait for any one lock no longer than this.

    What would wait longer fails with the SQLSTATE 55P03. Told as it connects, which costs nothing.
    """
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return
    given = connection.settings_dict["OPTIONS"]
    options = f"{given.get('options', '')} -c lock_timeout={milliseconds}".strip()
    # A copy: other threads have the settings too.
    connection.settings_dict = {
        **connection.settings_dict,
        "OPTIONS": {**given, "options": options},
    }
