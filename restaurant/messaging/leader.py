"""At most one relay a service: who holds the lock leads."""

import fcntl
import zlib
from pathlib import Path
from typing import IO, Any, Protocol

from django.db import connections


class Leadership(Protocol):
    def held(self) -> bool:
        """Tell whether this process leads, trying to become the leader if nobody is."""

    def release(self) -> None: ...


def leadership(service: str) -> Leadership:
    """Give the lock that the service's database makes possible."""
    connection = connections[service]
    if connection.vendor == "postgresql":
        return _AdvisoryLock(connection, f"relay:{service}")
    return _FileLock(Path(f"{connection.settings_dict['NAME']}.relay.lock"))


class _AdvisoryLock:
    """A session's advisory lock on the very connection that reads the outbox.

    When the connection is lost so is the lock, and the outbox cannot be read without noticing it.
    """

    def __init__(self, connection: Any, name: str) -> None:
        self._connection = connection
        self._number = zlib.crc32(name.encode())
        self._session: Any = None

    def held(self) -> bool:
        if self._session is not None and self._session is self._connection.connection:
            return True
        self._session = None
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self._number])
            if cursor.fetchone()[0]:
                self._session = self._connection.connection
        return self._session is not None

    def release(self) -> None:
        if self._session is not None and self._session is self._connection.connection:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [self._number])
        self._session = None


class _FileLock:
    """A lock on a file beside the SQLite database; the kernel frees it when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def held(self) -> bool:
        if self._file is not None:
            return True
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
