"""What tests with real commits leave in a database is removed, at the cost of what they wrote.

Django empties every table and has each app make its content types, permissions and groups anew,
which takes longer than most tests. Here only the tables with rows are emptied, and what the apps
made is kept, or written again from memory where a test changed it.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

Rows = list[tuple[Any, ...]]
# No test changes the book of migrations.
LEFT_ALONE = {"django_migrations"}


class Cleaner:
    """Leaves a database as `migrate` does: with what the apps make then, and nothing else."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._tables: list[str] = []
        # What the apps made, by table.
        self._made: dict[str, Rows] = {}

    def clean(self) -> None:
        """Remove what was written; the first time Django does it, and its outcome is remembered."""
        if not self._tables:
            call_command("flush", verbosity=0, interactive=False, database=self._alias)
            self._remember()
            return
        with transaction.atomic(using=self._alias), connections[self._alias].cursor() as cursor:
            filled = self._filled(cursor)
            spoilt = self._is_spoilt(cursor, filled)
            self._empty(cursor, filled if spoilt else filled - self._made.keys())
            if spoilt:
                self._fill(cursor)
        ContentType.objects.clear_cache()

    def _remember(self) -> None:
        connection = connections[self._alias]
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self._tables = sorted(set(names) - LEFT_ALONE)
        with connection.cursor() as cursor:
            self._made = {name: _rows(cursor, name) for name in self._filled(cursor)}

    def _filled(self, cursor: CursorWrapper) -> set[str]:
        """Name the tables that have rows."""
        each = (f"SELECT '{n}' WHERE EXISTS (SELECT 1 FROM \"{n}\")" for n in self._tables)  # noqa: S608
        cursor.execute(" UNION ALL ".join(each))
        return {name for (name,) in cursor.fetchall()}

    def _is_spoilt(self, cursor: CursorWrapper, filled: set[str]) -> bool:
        """Tell whether a test changed what the apps made."""
        return any(
            name not in filled or _rows(cursor, name) != rows for name, rows in self._made.items()
        )

    def _empty(self, cursor: CursorWrapper, tables: set[str]) -> None:
        operations = connections[self._alias].ops
        for statement in operations.sql_flush(no_style(), sorted(tables), allow_cascade=True):
            cursor.execute(statement)

    def _fill(self, cursor: CursorWrapper) -> None:
        for name, rows in self._made.items():
            marks = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
            values = [value for row in rows for value in row]
            cursor.execute(f'INSERT INTO "{name}" VALUES {marks}', values)  # noqa: S608


def _rows(cursor: CursorWrapper, table: str) -> Rows:
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
    return list(cursor.fetchall())


_cleaners: dict[str, Cleaner] = {}


def clean_after(case: TransactionTestCase) -> None:
    """Clean the databases that a test names; stands in for `TransactionTestCase`'s own flush."""
    for alias in sorted(case.databases):
        _cleaners.setdefault(alias, Cleaner(alias)).clean()
