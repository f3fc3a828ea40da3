"""Migrations' operations that keep nobody waiting, on PostgreSQL and on SQLite.

PostgreSQL builds an index beside those who write, and takes a constraint on trust until it is
validated, only where it is asked to; Django's operations for that know no other database. On
SQLite, where nobody upgrades under load, these do it in the plain way.

A migration with one of the first two says `atomic = False`; `Validate` belongs into a migration
after the one that adds its constraint.
"""

from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import migrations


class _Either:
    """Does as one of two operations, by the database."""

    on_postgres: Any
    elsewhere: Any

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        way = self._way(schema_editor)
        way.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        way = self._way(schema_editor)
        way.database_backwards(self, app_label, schema_editor, from_state, to_state)

    def _way(self, schema_editor: Any) -> Any:
        is_postgres = schema_editor.connection.vendor == "postgresql"
        return self.on_postgres if is_postgres else self.elsewhere


class _Nothing:
    def database_forwards(self, *_: Any) -> None: ...

    database_backwards = database_forwards


class AddIndexConcurrently(_Either, postgres.AddIndexConcurrently):
    """Build an index without a lock on who writes to the table."""

    on_postgres = postgres.AddIndexConcurrently
    elsewhere = migrations.AddIndex


class RemoveIndexConcurrently(_Either, postgres.RemoveIndexConcurrently):
    """Drop an index without waiting for those who read."""

    on_postgres = postgres.RemoveIndexConcurrently
    elsewhere = migrations.RemoveIndex


class AddConstraintNotValid(_Either, postgres.AddConstraintNotValid):
    """Hold new rows to a check constraint, and leave the old ones to `Validate`."""

    on_postgres = postgres.AddConstraintNotValid
    elsewhere = migrations.AddConstraint


class Validate(_Either, postgres.ValidateConstraint):
    """Hold the old rows to it too, without a lock on who writes."""

    on_postgres = postgres.ValidateConstraint
    elsewhere = _Nothing
