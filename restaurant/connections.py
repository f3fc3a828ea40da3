"""Looking after a thread's connections around each request, for less.

At the start and the end of a request Django goes through all databases, and asks each whether this
thread has a connection: a tenth of what a read from the cache costs. Here the thread knows those
that it opened, which are none where requests are answered from the cache or by the intake's writer.
Its caches are asked as well whether they would be closed, which Redis' here never are.
"""

import threading
from typing import Any

from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


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


def _remember(connection: BaseDatabaseWrapper, **_: Any) -> None:
    _opened.connections.add(connection)
