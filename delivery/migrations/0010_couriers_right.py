from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0009_kept_answers"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="delivery",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("carry_delivery", "Can bring deliveries, and see those that are theirs")
                ],
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
            },
        ),
    ]
