from django.db import migrations, models
from uuid_utils.compat import uuid7


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0006_refusals"),
    ]

    operations = [
        migrations.AddField(
            model_name="menuitem",
            name="picture",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=32,
                verbose_name="picture",
            ),
        ),
        migrations.CreateModel(
            name="PriceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item_sku", models.CharField(max_length=64, verbose_name="item's SKU")),
                (
                    "option_sku",
                    models.CharField(blank=True, max_length=64, verbose_name="option's SKU"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "old",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Empty: it is new.",
                        max_digits=8,
                        null=True,
                        verbose_name="old price",
                    ),
                ),
                (
                    "new",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Empty: it is gone.",
                        max_digits=8,
                        null=True,
                        verbose_name="new price",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.CharField(
                        help_text="The e-mail at that time.", max_length=254, verbose_name="who"
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("admin", "Staff site"),
                            ("bulk", "Change of prices"),
                            ("import", "Import"),
                            ("command", "Command line"),
                        ],
                        max_length=10,
                        verbose_name="by way of",
                    ),
                ),
            ],
            options={
                "verbose_name": "price change",
                "verbose_name_plural": "price history",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["item_sku", "-id"], name="orders_pricechange_item"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MenuUpload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("by_id", models.UUIDField(verbose_name="who")),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("menu", models.JSONField(verbose_name="menu")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "uploaded menu",
                "verbose_name_plural": "uploaded menus",
                "ordering": ["-at", "-id"],
            },
        ),
    ]
