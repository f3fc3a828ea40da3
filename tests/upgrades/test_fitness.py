"""The rules for migrations, each with a migration that breaks it and one that keeps it."""

from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now, Random

from restaurant.migration_operations import AddIndexConcurrently
from tests.blocks import only
from tests.upgrades.fitness import unfit

pytestmark = pytest.mark.once

APP = "tavern"
INDEX = models.Index(fields=["note"], name="guest_note")
DOCUMENTED = only("operations.md", "Migrations")
CHECK = models.CheckConstraint(condition=models.Q(seats__gt=0), name="guest_seats")
UNIQUE = models.UniqueConstraint(fields=["note"], name="guest_once")


def add(field: Any) -> Operation:
    return migrations.AddField("guest", "new", field)


def alter(name: str, field: Any) -> Operation:
    return migrations.AlterField("guest", name, field)


def sql() -> Operation:
    return migrations.RunSQL("UPDATE tavern_guest SET seats = 1", migrations.RunSQL.noop)


def forget(name: str) -> Operation:
    return migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("guest", name)]
    )


UNFIT = [
    ("removes_table", migrations.DeleteModel("Guest")),
    ("renames_table", migrations.RenameModel("Guest", "Visitor")),
    ("renames_table", migrations.AlterModelTable("Guest", "visitors")),
    ("removes_column", migrations.RemoveField("guest", "note")),
    ("renames_column", migrations.RenameField("guest", "note", "remark")),
    ("renames_column", alter("note", models.CharField(max_length=100, db_column="remark"))),
    ("not_null_without_default", add(models.IntegerField())),
    ("not_null_without_default", add(models.IntegerField(default=0))),
    ("not_null_without_default", add(models.ForeignKey("self", models.CASCADE, db_index=False))),
    ("not_null_without_default", forget("seats")),
    ("removes_default", alter("floor", models.IntegerField())),
    ("retypes_column", alter("note", models.CharField(max_length=99))),
    ("retypes_column", alter("note", models.IntegerField())),
    ("retypes_column", alter("seats", models.BigIntegerField())),
    ("retypes_column", alter("bill", models.DecimalField(max_digits=8, decimal_places=3))),
    ("retypes_column", alter("remarks", models.CharField(max_length=1000))),
    ("rewrites_table", add(models.FloatField(db_default=Random()))),
    (
        "rewrites_table",
        add(
            models.GeneratedField(
                expression=models.F("seats") * 2,
                output_field=models.IntegerField(),
                db_persist=True,
            )
        ),
    ),
    ("validates_at_once", alter("nick", models.CharField(max_length=10))),
    ("validates_at_once", alter("note", models.CharField(max_length=100, unique=True))),
    ("validates_at_once", add(models.IntegerField(null=True, unique=True))),
    ("validates_at_once", migrations.AddConstraint("guest", CHECK)),
    ("validates_at_once", migrations.AddConstraint("guest", UNIQUE)),
    ("validates_at_once", migrations.AlterUniqueTogether("guest", {("note", "seats")})),
    ("locks_for_index", migrations.AddIndex("guest", INDEX)),
    ("locks_for_index", alter("note", models.CharField(max_length=100, db_index=True))),
    ("locks_for_index", add(models.ForeignKey("self", models.CASCADE, null=True))),
    ("runs_code", sql()),
    ("runs_code", migrations.RunPython(lambda _apps, _editor: None)),
    ("runs_code", migrations.SeparateDatabaseAndState(database_operations=[sql()])),
]
FIT = [
    migrations.CreateModel("Dish", [("id", models.BigAutoField(primary_key=True))]),
    migrations.RenameField("guest", "named", "called"),
    migrations.AlterModelOptions("guest", {"verbose_name": "guest"}),
    migrations.RemoveConstraint("guest", "guest_floor"),
    add(models.IntegerField(null=True)),
    add(models.IntegerField(db_default=0)),
    add(models.CharField(max_length=10, default="", db_default="")),
    add(models.DateTimeField(db_default=Now())),
    add(models.ForeignKey("self", models.CASCADE, null=True, db_index=False)),
    add(models.ManyToManyField("self")),
    alter("note", models.CharField(max_length=101, verbose_name="remark")),
    alter("note", models.TextField()),
    alter("bill", models.DecimalField(max_digits=9, decimal_places=2)),
    alter("seats", models.IntegerField(null=True)),
    forget("nick"),
    forget("floor"),
    AddIndexConcurrently("guest", INDEX),
    AddConstraintNotValid("guest", CHECK),
    ValidateConstraint("guest", "guest_floor"),
]


def state() -> ProjectState:
    found = ProjectState()
    guest = migrations.CreateModel(
        "Guest",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("note", models.CharField(max_length=100)),
            ("nick", models.CharField(max_length=10, null=True)),
            ("named", models.CharField(max_length=10, db_column="called")),
            ("remarks", models.TextField()),
            ("seats", models.IntegerField()),
            ("floor", models.IntegerField(db_default=0)),
            ("bill", models.DecimalField(max_digits=8, decimal_places=2)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(condition=models.Q(floor__gte=0), name="guest_floor")
            ]
        },
    )
    guest.state_forwards(APP, found)
    return found


def rules(*operations: Operation, fits_because: dict[str, str] | None = None) -> list[str]:
    migration = migrations.Migration("0002_next", APP)
    migration.operations = list(operations)  # type: ignore[misc]  # Django's own way
    if fits_because is not None:
        migration.fits_because = fits_because  # type: ignore[attr-defined]
    return [each.rule for each in unfit(migration, state())]


@pytest.mark.parametrize(("rule", "operation"), UNFIT)
def test_it_refuses(rule: str, operation: Operation) -> None:
    assert rules(operation) == [rule]


@pytest.mark.parametrize("operation", FIT)
def test_it_lets_pass(operation: Operation) -> None:
    assert rules(operation) == []


def test_it_finds_all_that_is_unfit() -> None:
    found = rules(migrations.RemoveField("guest", "bill"), sql(), add(models.IntegerField()))
    assert found == ["removes_column", "runs_code", "not_null_without_default"]


def test_it_lets_a_new_table_have_what_it_will() -> None:
    dish = migrations.CreateModel(
        "Dish",
        [("id", models.BigAutoField(primary_key=True)), ("note", models.CharField(max_length=9))],
    )
    index = migrations.AddIndex("dish", models.Index(fields=["note"], name="dish_note"))
    field = migrations.AddField("dish", "price", models.IntegerField(default=0))
    assert rules(dish, index, field) == []


def test_it_refuses_an_operation_that_it_does_not_know() -> None:
    class Odd(Operation):
        def state_forwards(self, app_label: str, state: ProjectState) -> None: ...

    assert rules(Odd()) == ["unknown_operation"]


WHY = "0.4 does not read the note, and 0.3 runs nowhere."


def test_a_reason_excuses_its_rule_alone() -> None:
    remove = migrations.RemoveField("guest", "note")
    assert rules(remove, fits_because={"removes_column": WHY}) == []
    assert rules(remove, sql(), fits_because={"removes_column": WHY}) == ["runs_code"]


def test_the_handbooks_reason_is_one() -> None:
    names: dict[str, Any] = {"migrations": migrations}
    exec(DOCUMENTED.text, names)  # noqa: S102 - of our own page
    kind = names["Migration"]
    assert issubclass(kind, migrations.Migration)
    remove = migrations.RemoveField("guest", "note")
    assert rules(remove, fits_because=kind.fits_because) == []


def test_it_refuses_an_excuse_without_a_reason_or_a_use() -> None:
    remove = migrations.RemoveField("guest", "note")
    assert rules(remove, fits_because={"removes_column": "unused"}) == ["no_reason"]
    assert rules(remove, fits_because={"removes_column": WHY, "runs_code": WHY}) == ["idle_excuse"]
