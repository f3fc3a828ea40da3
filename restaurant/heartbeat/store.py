"""Where heartbeats are kept: a key a process, and a set of the keys.

A key outlives its process by ten minutes, so that one that vanished is told from one that never
was. The set is there because looking for keys would go through all that Redis holds.
"""

from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from restaurant import redis_urls

INDEX = "heartbeats"
KEPT_SECONDS = 600
# Redis is near or away: nobody waits longer to find out which.
TIMEOUT = 0.5


def connect() -> Any:
    """Give a client of our own, which neither retries nor waits for long."""
    return redis.Redis.from_url(
        redis_urls.numbered(settings.REDIS_URL, 0),
        socket_connect_timeout=TIMEOUT,
        socket_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


def key_of(name: str, host: str, pid: int) -> str:
    return f"heartbeat:{name}:{host}:{pid}"
