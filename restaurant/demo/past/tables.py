"""Writing very many rows: COPY on PostgreSQL, one prepared statement on SQLite.

A row is a tuple of what both databases read as it is: numbers, texts (also ids, moments and JSON),
bytes and None.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connections, models, transaction

Row = tuple[Any, ...]
# So that SQLite does not write a page again and again; in KiB.
CACHE = 100_000


class Table:
    """A model's table, and rows that wait to be written to it."""

    def __init__(self, model: type[models.Model], *fields: str) -> None:
        columns = {f.attname: f.column for f in model._meta.concrete_fields}
        self.model = model
        self.columns = [columns[name] for name in fields]
        self.rows: list[Row] = []

    @property
    def name(self) -> str:
        return self.model._meta.db_table


class Book:
    """A service's tables, in the order in which their rows need one another."""

    def __init__(self, alias: str, *tables: Table) -> None:
        self.alias = alias
        self.tables = tables

    def write(self) -> int:
        """Write the rows that wait; gives how many."""
        written = 0
        for table in self.tables:
            if table.rows:
                self._write(table)
                written += len(table.rows)
                table.rows.clear()
        return written

    def _write(self, table: Table) -> None:
        connection = connections[self.alias]
        names = ", ".join(map(connection.ops.quote_name, table.columns))
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                    for row in table.rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(table.columns))
                # Past Django's cursor, which would quote each row's parameters anew.
                cursor.connection.executemany(
                    f"INSERT INTO {table.name} ({names}) VALUES ({marks})",  # noqa: S608 - own names
                    table.rows,
                )

    def number_on(self) -> None:
        """Have the next rows numbered after those that were given their numbers."""
        connection = connections[self.alias]
        models_ = [table.model for table in self.tables]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models_):
                cursor.execute(statement)

    def settle(self) -> None:
        """Have the database look at what it has now, as it would by itself in a while."""
        connection = connections[self.alias]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                for table in self.tables:
                    cursor.execute(f"VACUUM ANALYZE {table.name}")
            else:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def one_transaction(aliases: Iterable[str]) -> Iterator[None]:
    """Keep all that is written to several databases, or nothing of it.

    Nothing keeps them together while they commit, one after the other: a crash there is seen by the
    audit.
    """
    aliases = [*aliases]
    if not aliases:
        yield
        return
    alias, rest = aliases[0], aliases[1:]
    _prepare(alias)
    with transaction.atomic(using=alias):
        if connections[alias].vendor == "postgresql":
            # References are then checked after each COPY, not all of them remembered to the end.
            with connections[alias].cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with one_transaction(rest):
            yield


def _prepare(alias: str) -> None:
    if connections[alias].vendor == "sqlite":
        with connections[alias].cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{CACHE}")


def filled(models_: Sequence[type[models.Model]]) -> list[str]:
    """Name the models that have rows already."""
    return [m._meta.label for m in models_ if m._base_manager.exists()]
