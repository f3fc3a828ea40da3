"""What a process cannot do its work without, and whether that is there."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from django.db import connections

from restaurant.heartbeat.store import connect

log = structlog.get_logger()

# An answer is good for so long: who asks often must not be a load.
FRESH_SECONDS = 1.0
# Who has not answered by then is away. A probe must hear it before it gives up itself.
ANSWER_SECONDS = 2.0
OK, AWAY = "ok", "unavailable"


@dataclass(frozen=True)
class Need:
    """A thing of this name, and how to ask it: `ask` raises when it is not there."""

    name: str
    ask: Callable[[], object]


def database(alias: str) -> Need:
    return Need(f"database:{alias}", lambda: _ask_database(alias))


def redis() -> Need:
    return Need("redis", _ask_redis)


class Needs:
    """The needs of one process; may be looked at from several threads."""

    def __init__(self, needs: Iterable[Need]) -> None:
        self._asked = [_Asked(need) for need in needs]
        self._well_since: float | None = None

    def look(self) -> dict[str, str]:
        """Give each one's state, by name, within `ANSWER_SECONDS`."""
        deadline = time.monotonic() + ANSWER_SECONDS
        for asked in self._asked:
            asked.begin()
        found = {asked.name: asked.state(deadline) for asked in self._asked}
        if all(state == OK for state in found.values()):
            self._well_since = self._well_since or time.monotonic()
        else:
            self._well_since = None
        return found

    def well_for(self) -> float:
        """Look, and give the seconds for which nothing has been missing; 0 while something is."""
        self.look()
        since = self._well_since
        return time.monotonic() - since if since else 0.0


class _Asked:
    """A need asked from a thread, since a server that vanished may not answer for minutes."""

    def __init__(self, need: Need) -> None:
        self.name = need.name
        self._ask = need.ask
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._state = AWAY
        self._asked_at = 0.0

    def begin(self) -> None:
        with self._lock:
            is_busy = self._thread is not None and self._thread.is_alive()
            if is_busy or time.monotonic() - self._asked_at < FRESH_SECONDS:
                return
            self._thread = threading.Thread(target=self._find_out, name="need", daemon=True)
            self._thread.start()

    def state(self, deadline: float) -> str:
        thread = self._thread
        if thread is not None:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                return AWAY
        return self._state

    def _find_out(self) -> None:
        try:
            self._ask()
            state = OK
        except Exception as error:
            state = AWAY
            if self._state == OK:
                log.warning("need_away", need=self.name, reason=str(error).partition("\n")[0])
        self._state, self._asked_at = state, time.monotonic()


def _ask_database(alias: str) -> None:
    """Ask over a connection of this thread's own, as a process would that begins now."""
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _ask_redis() -> None:
    client = connect()
    try:
        client.ping()
    finally:
        client.close()
