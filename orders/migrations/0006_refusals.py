from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_journey")]

    operations = [
        migrations.CreateModel(
            name="RefusalCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        help_text="The quarter of an hour that begins then.", verbose_name="from"
                    ),
                ),
                ("code", models.CharField(max_length=50, verbose_name="reason")),
                ("count", models.PositiveIntegerField(verbose_name="requests")),
            ],
            options={
                "verbose_name": "refused requests",
                "verbose_name_plural": "refused requests",
                "ordering": ["-at", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("at", "code"), name="orders_refusalcount_slot")
                ],
            },
        ),
    ]
