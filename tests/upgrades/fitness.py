"""What in a migration the old code beside the new, or a big table, would not bear.

While an upgrade rolls through the processes, both read and write the migrated tables. Each rule
below has a name; a migration that has to break one, since no old code is left to mind, says so:

    class Migration(migrations.Migration):
        fits_because = {"removes_column": "0.4 does not read Order.note, and 0.3 runs nowhere."}

The rules go by Django's operations, not by the SQL of one database.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState
from django.db.models.expressions import Value
from django.db.models.functions import Now

# Only asked for the names of types; it is never connected.
_postgres = DatabaseWrapper({"NAME": "", "OPTIONS": {}, "TIME_ZONE": None}, "none")
HARMLESS = (
    *(
        migrations.AlterModelOptions,
        migrations.AlterModelManagers,
        migrations.AlterModelTableComment,
    ),
    *(migrations.RemoveIndex, migrations.RenameIndex, migrations.RemoveConstraint),
    *(postgres.AddIndexConcurrently, postgres.AddConstraintNotValid, postgres.ValidateConstraint),
)


class Unfit(NamedTuple):
    """A rule that an operation breaks, and where."""

    rule: str
    where: str


def unfit(migration: Migration, before: ProjectState) -> list[Unfit]:
    """Give what of a migration is unfit, and not excused by it; `before` is the state it finds.

    An excuse that nothing needs is unfit too.
    """
    app, state = migration.app_label, before.clone()
    new: set[str] = set()
    found: list[Unfit] = []
    for operation in migration.operations:
        after = state.clone()
        operation.state_forwards(app, after)
        found += _of(operation, app, state, after, new)
        state = after
    excuses: dict[str, str] = getattr(migration, "fits_because", {})
    broken = {each.rule for each in found}
    idle = [Unfit("idle_excuse", rule) for rule in excuses if rule not in broken]
    empty = [Unfit("no_reason", rule) for rule, why in excuses.items() if len(why) < 20]
    return [each for each in found if each.rule not in excuses] + idle + empty


def _of(
    operation: Any, app: str, before: ProjectState, after: ProjectState, new: set[str]
) -> Iterator[Unfit]:
    """Give what is unfit of an operation; `new` holds the tables that this migration makes."""
    name = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
    where = f"{app}.{name}: {operation.describe()}"
    if isinstance(operation, migrations.CreateModel):
        new.add(name)
        return
    if name in new or isinstance(operation, HARMLESS):
        return
    rules: Any = {
        migrations.DeleteModel: ["removes_table"],
        migrations.RenameModel: ["renames_table"],
        migrations.AlterModelTable: ["renames_table"],
        migrations.RemoveField: ["removes_column"],
        migrations.AlterUniqueTogether: ["validates_at_once"],
        migrations.AlterOrderWithRespectTo: ["not_null_without_default"],
        migrations.AddIndex: ["locks_for_index"],
        migrations.AddConstraint: ["validates_at_once"],
        migrations.RunSQL: ["runs_code"],
        migrations.RunPython: ["runs_code"],
    }
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for part in operation.database_operations:
            yield from _of(part, app, before, after, new)
        yield from _forgotten(operation, app, before)
    elif isinstance(operation, migrations.AddField):
        for rule in _of_new(operation.field):
            yield Unfit(rule, where)
    elif isinstance(operation, migrations.AlterField):
        old, now = (_field(s, app, name, operation.name) for s in (before, after))
        for rule in _of_change(old, now):
            yield Unfit(rule, where)
    elif isinstance(operation, migrations.RenameField):
        old = _field(before, app, name, operation.old_name)
        if old.column != _field(after, app, name, operation.new_name).column:
            yield Unfit("renames_column", where)
    else:
        kind = next((kind for kind in rules if isinstance(operation, kind)), None)
        for rule in rules[kind] if kind else ["unknown_operation"]:
            yield Unfit(rule, where)


def _forgotten(operation: Any, app: str, before: ProjectState) -> Iterator[Unfit]:
    """A column that only the code forgets, the first half of a removal, must fill itself."""
    for part in operation.state_operations:
        if not isinstance(part, migrations.RemoveField):
            continue
        field = _field(before, app, part.model_name.lower(), part.name)
        if not field.null and not field.has_db_default():
            yield Unfit("not_null_without_default", f"{app}.{part.model_name}: {part.describe()}")


def _field(state: ProjectState, app: str, model: str, name: str) -> Any:
    return state.apps.get_model(app, model)._meta.get_field(name)


def _of_new(field: Any) -> Iterator[str]:
    if field.many_to_many:
        return
    if isinstance(field, models.GeneratedField):
        yield "rewrites_table"
    elif not field.null and not field.has_db_default():
        yield "not_null_without_default"
    if field.has_db_default() and not isinstance(field.db_default, (Value, Now, str, int)):
        # Another value for each row has to be written into each row.
        yield "rewrites_table"
    if field.unique:
        yield "validates_at_once"
    elif field.db_index:
        yield "locks_for_index"


def _of_change(old: Any, new: Any) -> Iterator[str]:
    if old.many_to_many or new.many_to_many:
        if old.many_to_many != new.many_to_many:
            yield "retypes_column"
        return
    if old.column != new.column:
        yield "renames_column"
    if not _is_as_wide(old, new):
        yield "retypes_column"
    if old.null and not new.null:
        yield "validates_at_once"
    if old.has_db_default() and not new.has_db_default():
        yield "removes_default"
    if new.unique and not old.unique:
        yield "validates_at_once"
    elif new.db_index and not old.db_index:
        yield "locks_for_index"


def _is_as_wide(old: Any, new: Any) -> bool:
    """Tell whether a column takes all that it took, and is changed without being rewritten."""
    was, becomes = (field.db_parameters(_postgres)["type"] for field in (old, new))
    if was == becomes:
        return True
    is_text = isinstance(old, (models.CharField, models.TextField))
    if is_text and isinstance(new, models.TextField):
        return True
    if isinstance(old, models.CharField) and isinstance(new, models.CharField):
        return new.max_length is None or (old.max_length or 0) <= new.max_length
    if isinstance(old, models.DecimalField) and isinstance(new, models.DecimalField):
        return old.decimal_places == new.decimal_places and old.max_digits <= new.max_digits
    return False
