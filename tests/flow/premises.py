"""What a house stands on: everything embedded, or Kafka, PostgreSQL and Valkey of its own."""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.flow import prepared
from tests.flow.house import House, open_house
from tests.servers.real_kafka import RealKafka
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until


@dataclass
class Premises:
    """A house and, where they are not embedded, its servers."""

    house: House
    kafka: RealKafka | None = None
    valkey: Valkey | None = None
    databases: dict[str, str] | None = None

    @property
    def is_real(self) -> bool:
        return self.kafka is not None

    def kill(self, name: str) -> None:
        """kill -9 one of the house's own processes."""
        os.kill(self.house.up.started()[name], signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """Stop one of its processes in mid-work, so that it answers no more; `kill` ends it."""
        os.kill(self.house.up.started()[name], signal.SIGSTOP)

    @contextmanager
    def asleep(self, name: str) -> Iterator[None]:
        """Have one of its processes do nothing for a while."""
        pid = self.house.up.started()[name]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def restart(self, name: str) -> None:
        """Kill one of its processes, and wait until `up` has started it again."""
        before = self.house.up.started()[name]
        self.kill(name)
        wait_until(lambda: self.house.up.started()[name] != before, seconds=30)

    def count_orders(self) -> int:
        """Count the orders that were ever placed, at once: no process is started for it."""
        count = "SELECT count(*) FROM orders_order"
        if self.databases:
            with psycopg.connect(self.databases["orders"]) as postgres:
                row = postgres.execute(count).fetchone()
        else:
            with closing(sqlite3.connect(self.house.up.var_dir / "orders.sqlite3")) as sqlite:
                row = sqlite.execute(count).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def without_database(self, service: str) -> Iterator[None]:
        """Let nobody into a service's database, and throw out who is there."""
        assert self.databases
        url = self.databases[service]
        server, _, name = url.rpartition("/")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            try:
                yield
            finally:
                connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


def opener(config: pytest.Config) -> Callable[..., AbstractContextManager[Premises]]:
    """Give `embedded` or `real`, as the test run asks.

    Each takes the house's directory, arguments of `up`, and `furnish`: Python that furnishes it.
    """
    return real if config.option.kafka == "real" else embedded


@contextmanager
def embedded(var_dir: Path, *arguments: str, furnish: str = "") -> Iterator[Premises]:
    """SQLite files, the embedded broker and Valkey, all started by `up`."""
    prepared.copy_files(var_dir, furnish)
    with open_house(var_dir, *arguments) as house:
        yield Premises(house)


@contextmanager
def real(
    var_dir: Path, *arguments: str, furnish: str = "", env: Mapping[str, str] | None = None
) -> Iterator[Premises]:
    """Apache Kafka, PostgreSQL databases and Valkey; needs `--database=postgres --kafka=real`."""
    databases = prepared.copy_databases(furnish)
    kafka, valkey = RealKafka(brief=True), Valkey()
    try:
        ours = {
            **prepared.urls_of(databases),
            "KAFKA_BOOTSTRAP_SERVERS": kafka.start().bootstrap,
            "KAFKA_IS_EMBEDDED": "false",
            "KAFKA_TOPIC_PARTITIONS": "4",
            "REDIS_URL": valkey.start().url,
            **(env or {}),
        }
        with open_house(var_dir, *arguments, env=ours) as house:
            yield Premises(house, kafka, valkey, databases)
    finally:
        valkey.stop()
        kafka.stop()
