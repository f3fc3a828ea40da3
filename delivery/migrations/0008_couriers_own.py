from django.db import migrations, models

from restaurant.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    # The index is built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ("delivery", "0007_numbers"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(fields=["courier", "id"], name="delivery_delivery_of_courier"),
        ),
    ]
