from django.db import migrations, models

from restaurant.trail.append_only import guard


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0005_journey"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="trailentry",
            options={
                "default_permissions": (),
                "ordering": ["-at", "-id"],
                "verbose_name": "audit trail entry",
                "verbose_name_plural": "audit trail",
            },
        ),
        migrations.RemoveIndex(model_name="trailentry", name="kitchen_trail_object"),
        migrations.RemoveIndex(model_name="trailentry", name="kitchen_trail_actor"),
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(
                fields=["object_type", "object_id", "-at", "-id"], name="kitchen_trail_row"
            ),
        ),
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(fields=["object_type", "-at", "-id"], name="kitchen_trail_kind"),
        ),
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(fields=["actor_id", "-at", "-id"], name="kitchen_trail_person"),
        ),
        guard("kitchen"),
    ]
