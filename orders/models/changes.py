"""What was changed of the menu's prices, and what waits for a yes to change it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class PriceChange(models.Model):
    """A price that became another, told once. Kept by SKU, so that it outlives the dish.

    Written with the change by `orders.menu.editing`, whatever way the change came.
    """

    class Via(models.TextChoices):
        ADMIN = "admin", _("Staff site")
        BULK = "bulk", _("Change of prices")
        IMPORT = "import", _("Import")
        COMMAND = "command", _("Command line")

    item_sku = models.CharField(_("item's SKU"), max_length=64)
    option_sku = models.CharField(_("option's SKU"), max_length=64, blank=True)
    name = models.CharField(_("name"), max_length=200)
    old = models.DecimalField(
        _("old price"), max_digits=8, decimal_places=2, null=True, help_text=_("Empty: it is new.")
    )
    new = models.DecimalField(
        _("new price"), max_digits=8, decimal_places=2, null=True, help_text=_("Empty: it is gone.")
    )
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("who"), max_length=254, help_text=_("The e-mail at that time."))
    via = models.CharField(_("by way of"), max_length=10, choices=Via.choices)

    class Meta:
        verbose_name = _("price change")
        verbose_name_plural = _("price history")
        ordering = ["-id"]
        indexes = [
            # The history on an item's page.
            models.Index(fields=["item_sku", "-id"], name="orders_pricechange_item"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.old} → {self.new}"


class MenuUpload(models.Model):
    """A menu that somebody uploaded and has not said yes to; gone with the answer, or in a day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    by_id = models.UUIDField(_("who"))
    name = models.CharField(_("file"), max_length=200)
    # As `schema.json` describes it, checked.
    menu = models.JSONField(_("menu"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("uploaded menu")
        verbose_name_plural = _("uploaded menus")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name
