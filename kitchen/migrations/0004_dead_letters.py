from typing import Any

from django.db import migrations, models

from restaurant.messaging import error_kinds


def name_kinds(apps: Any, schema_editor: Any) -> None:
    letters = apps.get_model("kitchen", "DeadLetter").objects
    error_kinds.fill(letters.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0003_trail"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="deadletter",
            options={
                "ordering": [
                    models.OrderBy(models.F("redriven_at"), nulls_first=True),
                    models.OrderBy(models.F("discarded_at"), nulls_first=True),
                    "-id",
                ],
                "verbose_name": "dead letter",
                "verbose_name_plural": "dead letters",
            },
        ),
        migrations.AddField(
            model_name="deadletter",
            name="error_kind",
            field=models.CharField(
                db_default="", default="", max_length=200, verbose_name="kind of error"
            ),
        ),
        migrations.AddField(
            model_name="deadletter",
            name="redriven_by",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=254, verbose_name="redriven by"
            ),
        ),
        migrations.AddField(
            model_name="deadletter",
            name="discarded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="discarded at"),
        ),
        migrations.AddField(
            model_name="deadletter",
            name="discarded_by",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=254, verbose_name="discarded by"
            ),
        ),
        migrations.AddField(
            model_name="deadletter",
            name="discard_reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="why discarded"
            ),
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(
                condition=models.Q(("discarded_at", None), ("redriven_at", None)),
                fields=["topic", "error_kind", "id"],
                name="kitchen_letter_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(fields=["event_id", "id"], name="kitchen_letter_event"),
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(fields=["key"], name="kitchen_letter_key"),
        ),
        migrations.RunPython(name_kinds, migrations.RunPython.noop),
    ]
