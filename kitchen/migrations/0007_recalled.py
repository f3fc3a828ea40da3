from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0006_trail_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="first_done_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="first done at"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("first_done_at__isnull", False)),
                fields=["moved_at"],
                name="kitchen_ticket_recalled",
            ),
        ),
    ]
