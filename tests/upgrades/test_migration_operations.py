"""The operations that keep nobody waiting do what they say, on the database at hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connections, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from restaurant.migration_operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    Validate,
)

pytestmark = pytest.mark.django_db(databases=["orders"], transaction=True)
# Of an app whose tables the router puts there.
APP = "orders"
INDEX = models.Index(fields=["seats"], name="guest_seats_index")
CHECK = models.CheckConstraint(condition=models.Q(seats__gt=0), name="guest_seats_check")


class Town:
    """A table of its own, changed by operations as a migration would."""

    def __init__(self) -> None:
        self.connection = connections["orders"]
        self.state = ProjectState()
        fields: list[tuple[str, models.Field[Any, Any]]] = [
            ("id", models.BigAutoField(primary_key=True)),
            ("seats", models.IntegerField()),
        ]
        self.create = migrations.CreateModel("Guest", fields)

    def apply(self, operation: Operation) -> None:
        before, self.state = self.state, self.state.clone()
        operation.state_forwards(APP, self.state)
        with self.connection.schema_editor(atomic=operation.atomic) as editor:
            operation.database_forwards(APP, editor, before, self.state)

    def revert(self, operation: Operation) -> None:
        after, before = self.state.clone(), self.state
        operation.state_forwards(APP, after)
        with self.connection.schema_editor(atomic=operation.atomic) as editor:
            operation.database_backwards(APP, editor, after, before)

    def insert(self, seats: int) -> None:
        self.connection.cursor().execute("INSERT INTO orders_guest (seats) VALUES (%s)", [seats])

    def constraints(self) -> dict[str, Any]:
        with self.connection.cursor() as cursor:
            found = self.connection.introspection.get_constraints(cursor, "orders_guest")
        return dict(found)


@pytest.fixture
def town() -> Iterator[Town]:
    town = Town()
    town.apply(town.create)
    yield town
    with town.connection.cursor() as cursor:
        cursor.execute("DROP TABLE orders_guest")


def test_it_makes_and_drops_an_index(town: Town) -> None:
    town.apply(AddIndexConcurrently("guest", INDEX))
    assert "guest_seats_index" in town.constraints()
    town.apply(RemoveIndexConcurrently("guest", "guest_seats_index"))
    assert "guest_seats_index" not in town.constraints()


def test_it_holds_new_rows_to_a_constraint_before_the_old_ones(town: Town) -> None:
    is_postgres = town.connection.vendor == "postgresql"
    if is_postgres:
        town.insert(0)
    town.apply(AddConstraintNotValid("guest", CHECK))
    with pytest.raises(IntegrityError):
        town.insert(0)
    if is_postgres:
        with pytest.raises(IntegrityError):
            town.apply(Validate("guest", "guest_seats_check"))
        town.connection.cursor().execute("UPDATE orders_guest SET seats = 1")
    town.apply(Validate("guest", "guest_seats_check"))
    town.insert(2)
