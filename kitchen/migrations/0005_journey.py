from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0004_dead_letters"),
    ]

    operations = [
        migrations.AddField(
            model_name="inboxmessage",
            name="attempt",
            field=models.PositiveIntegerField(db_default=1, default=1, verbose_name="attempt"),
        ),
        migrations.AddField(
            model_name="inboxmessage",
            name="repeats",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="repeats dropped"
            ),
        ),
        migrations.AddField(
            model_name="inboxmessage",
            name="last_repeat_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last repeat at"),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="republished",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="published again"
            ),
        ),
    ]
