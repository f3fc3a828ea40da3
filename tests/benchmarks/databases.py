"""The four services' databases that are measured: on PostgreSQL, or SQLite files."""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.servers.postgres import Postgres

NAMES = {"default": "auth", "orders": "orders", "kitchen": "kitchen", "delivery": "delivery"}
VARIABLES = {
    "AUTH_DATABASE_URL": "auth",
    "ORDERS_DATABASE_URL": "orders",
    "KITCHEN_DATABASE_URL": "kitchen",
    "DELIVERY_DATABASE_URL": "delivery",
}


class Databases(Protocol):
    """Databases that can be put back to what they were when they were `keep`-ed.

    Nobody may be connected to them meanwhile.
    """

    title: str

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def environment(self) -> dict[str, str]: ...
    def keep(self) -> None: ...
    def put_back(self) -> None: ...

    def copy(self, suffix: str) -> dict[str, str]:
        """Copy them; gives the copies' names, as Django's `NAME`, by alias."""
        ...


class PostgresDatabases:
    """On a server of their own, which waits for the disk at each commit, as in production."""

    title = "PostgreSQL with fsync"

    def __init__(self) -> None:
        # When each row was committed tells how late something was, without watching for it.
        self.server = Postgres(durable=True, settings={"track_commit_timestamp": "on"})

    def start(self) -> None:
        self.server.start()
        with self.connect() as sql:
            for name in NAMES.values():
                sql.execute(f"CREATE DATABASE {name}")

    def stop(self) -> None:
        self.server.stop()

    def environment(self) -> dict[str, str]:
        return {variable: self.url(name) for variable, name in VARIABLES.items()}

    def keep(self) -> None:
        self.copy("fresh")

    def put_back(self) -> None:
        with self.connect() as sql:
            for name in NAMES.values():
                sql.execute(f"DROP DATABASE {name} WITH (FORCE)")
                sql.execute(f"CREATE DATABASE {name} TEMPLATE {name}_fresh")
            sql.execute("CHECKPOINT")

    def copy(self, suffix: str) -> dict[str, str]:
        with self.connect() as sql:
            for name in NAMES.values():
                sql.execute(f"DROP DATABASE IF EXISTS {name}_{suffix}")
                sql.execute(f"CREATE DATABASE {name}_{suffix} TEMPLATE {name}")
        return {alias: f"{name}_{suffix}" for alias, name in NAMES.items()}

    def url(self, database: str) -> str:
        return f"{self.server.url}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """Open a connection of one's own; each statement commits."""
        return psycopg.connect(self.url(database), autocommit=True)


class SqliteDatabases:
    """Files in a directory."""

    title = "SQLite, synchronous=FULL"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def start(self) -> None:
        """There is no server."""

    def stop(self) -> None:
        """The directory is somebody else's."""

    def environment(self) -> dict[str, str]:
        return {v: f"sqlite:///{self._file(name)}" for v, name in VARIABLES.items()}

    def keep(self) -> None:
        self.copy("fresh")

    def put_back(self) -> None:
        for name in NAMES.values():
            for rest in ("-wal", "-shm"):
                self._file(name).with_name(f"{name}.sqlite3{rest}").unlink(missing_ok=True)
            shutil.copyfile(self._file(f"{name}_fresh"), self._file(name))

    def copy(self, suffix: str) -> dict[str, str]:
        copies = {}
        for alias, name in NAMES.items():
            copy = self._file(f"{name}_{suffix}")
            copy.unlink(missing_ok=True)
            with sqlite3.connect(self._file(name)) as source, sqlite3.connect(copy) as target:
                source.backup(target)
            copies[alias] = os.fspath(copy)
        return copies

    def _file(self, name: str) -> Path:
        return self._directory / f"{name}.sqlite3"
