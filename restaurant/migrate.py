"""Bringing each service's database up to date, by one process at a time."""

import fcntl
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from restaurant import databases

LOCK_NUMBER = zlib.crc32(b"restaurant.migrate")


def migrate(aliases: Iterable[str]) -> dict[str, int]:
    """Migrate databases, in this order; gives how many migrations each one lacked.

    When several processes do it at once, one works, the others wait and then find it done.
    """
    return {alias: _migrate(alias) for alias in aliases}


def _migrate(alias: str) -> int:
    # A service's database holds its own tables alone; all other apps are in `default`.
    apps = [alias] if alias in databases.SERVICE_ALIASES else []
    with _alone(connections[alias]):
        lacking = _lacking(alias, apps)
        # Also when none is lacking: a run that was killed may have left permissions unmade.
        call_command("migrate", *apps, database=alias, verbosity=0, interactive=False)
    return lacking


def _lacking(alias: str, apps: list[str]) -> int:
    executor = MigrationExecutor(connections[alias])
    graph = executor.loader.graph
    targets = [node for node in graph.leaf_nodes() if not apps or node[0] in apps]
    plan = executor.migration_plan(targets)
    return sum(databases.alias_of(migration.app_label) == alias for migration, _ in plan)


@contextmanager
def _alone(connection: Any) -> Iterator[None]:
    """Keep other processes' migrations of this database waiting."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_NUMBER])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_NUMBER])
        return
    path = Path(f"{connection.settings_dict['NAME']}.migrate.lock")
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
