"""What has the database itself refuse to change the trail, for migrations.

On PostgreSQL rows can be neither changed nor deleted (only the whole table be emptied, by its
owner). On SQLite they cannot be changed; deleting is how its tests empty tables. A migration that
alters the table on SQLite builds it anew, without the trigger, and has to guard it again.
"""

from typing import Any

from django.db import migrations

POSTGRES = """
CREATE OR REPLACE FUNCTION trail_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION trail_is_only_added_to();
"""
SQLITE = """
CREATE TRIGGER {table}_kept BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END
"""


def guard(app_label: str) -> migrations.RunPython:
    """Give the operation that guards an app's trail."""

    def run(_apps: Any, editor: Any, statement: dict[str, str]) -> None:
        editor.execute(statement[editor.connection.vendor].format(table=f"{app_label}_trailentry"))

    made = {"postgresql": POSTGRES, "sqlite": SQLITE}
    dropped = {
        "postgresql": "DROP TRIGGER {table}_kept ON {table}",
        "sqlite": "DROP TRIGGER {table}_kept",
    }
    return migrations.RunPython(
        lambda apps, editor: run(apps, editor, made),
        lambda apps, editor: run(apps, editor, dropped),
    )
