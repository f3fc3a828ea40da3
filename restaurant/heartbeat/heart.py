"""One process telling that it lives."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from restaurant.heartbeat.store import INDEX, KEPT_SECONDS, connect, key_of
from restaurant.version import version

log = structlog.get_logger()

EVERY_SECONDS = 5.0


class Heart(threading.Thread):
    """Beats every few seconds from a thread of its own, which no stuck loop can stop.

    The loop calls `progress` when it has come around, so that a stuck one is seen all the same.
    To be started where the process is what it will be: threads do not survive a fork.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._process = name
        self._host = socket.gethostname()
        self._began = time.monotonic()
        self._progressed: float | None = None
        self._stopped = threading.Event()
        self._is_away = False

    def progress(self) -> None:
        """Take note that the loop has come around. Costs nothing."""
        self._progressed = time.monotonic()

    def run(self) -> None:
        client = connect()
        self._try(client, self._beat)
        while not self._stopped.wait(EVERY_SECONDS):
            self._try(client, self._beat)
        self._try(client, self._say_goodbye)
        with suppress(RedisError, OSError):
            client.close()

    def stop(self, seconds: float = 1.5) -> None:
        """Say goodbye, so that nobody misses this process; wait for that no longer than told."""
        self._stopped.set()
        self.join(seconds)

    def _try(self, client: Any, work: Any) -> None:
        try:
            work(client)
        except Exception as error:
            # Whatever it is: a process must not suffer from telling that it lives.
            if not self._is_away:
                log.warning("heartbeat_not_sent", process=self._process, reason=str(error))
            self._is_away = True
            return
        self._is_away = False

    def _beat(self, client: Any) -> None:
        with client.pipeline(transaction=False) as pipe:
            pipe.set(self._key, json.dumps(self._told()), ex=KEPT_SECONDS)
            pipe.sadd(INDEX, self._key)
            pipe.execute()

    def _say_goodbye(self, client: Any) -> None:
        with client.pipeline(transaction=False) as pipe:
            pipe.delete(self._key)
            pipe.srem(INDEX, self._key)
            pipe.execute()

    def _told(self) -> dict[str, Any]:
        """Tell durations, not times: clocks of machines differ."""
        now = time.monotonic()
        progressed = self._progressed
        return {
            "name": self._process,
            "host": self._host,
            "pid": os.getpid(),
            "version": version(),
            "uptime": round(now - self._began, 1),
            "since_progress": None if progressed is None else round(now - progressed, 1),
        }

    @property
    def _key(self) -> str:
        return key_of(self._process, self._host, os.getpid())


@contextmanager
def beating(name: str) -> Iterator[Heart]:
    """Beat while the block runs."""
    heart = Heart(name)
    heart.start()
    try:
        yield heart
    finally:
        heart.stop()
