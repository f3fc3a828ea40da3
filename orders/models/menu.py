"""The menu: categories, their items, and what each item lets one choose."""

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class MenuVersion(models.Model):
    """One row that names the menu as it stands: each write of the menu gives it a new name.

    A name rather than a count, so that a database restored from a backup never repeats one.
    """

    SINGLE = 1

    token = models.UUIDField(_("token"), default=uuid7)

    class Meta:
        verbose_name = _("menu version")
        verbose_name_plural = _("menu version")

    def __str__(self) -> str:
        return str(self.token)

    @classmethod
    def renew(cls) -> None:
        """To be called in the transaction that writes the menu."""
        cls.objects.update_or_create(pk=cls.SINGLE, defaults={"token": uuid7()})


class MenuQuerySet(models.QuerySet[Any]):
    """Writes in bulk that renew the menu's version with them."""

    def update(self, **values: Any) -> int:
        with transaction.atomic(using="orders"):
            MenuVersion.renew()
            return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using="orders"):
            MenuVersion.renew()
            return super().delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Any]:
        with transaction.atomic(using="orders"):
            MenuVersion.renew()
            return super().bulk_create(*args, **kwargs)


class MenuRow(models.Model):
    """A part of the menu."""

    position = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("Lower comes first on the menu.")
    )

    objects = MenuQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic(using="orders"):
            super().save(*args, **kwargs)
            MenuVersion.renew()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using="orders"):
            MenuVersion.renew()
            return super().delete(*args, **kwargs)


class Category(MenuRow):
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["name"], name="orders_category_name")]

    def __str__(self) -> str:
        return self.name


class MenuItem(MenuRow):
    category = models.ForeignKey(
        Category, models.CASCADE, related_name="items", verbose_name=_("category")
    )
    sku = models.CharField(_("SKU"), max_length=64, help_text=_("What clients order it by."))
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    price = models.DecimalField(
        _("price"), max_digits=8, decimal_places=2, validators=[MinValueValidator(0)]
    )
    station = models.CharField(
        _("station"), max_length=50, help_text=_("Code of the kitchen station that cooks it.")
    )
    preparation_seconds = models.PositiveIntegerField(
        _("preparation seconds"), help_text=_("How long the station takes for it.")
    )
    available = models.BooleanField(
        _("available"), default=True, help_text=_("Off: 86'd, shown but not to be ordered.")
    )
    # The name of its files, as `orders.menu.pictures` gives them; empty when there is none.
    picture = models.CharField(
        _("picture"), max_length=32, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        verbose_name = _("menu item")
        verbose_name_plural = _("menu items")
        ordering = ["category__position", "category_id", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sku"], name="orders_menuitem_sku"),
            models.CheckConstraint(condition=Q(price__gte=0), name="orders_menuitem_price"),
        ]
        permissions = [("set_availability", "Can 86 a dish and put it back")]

    def __str__(self) -> str:
        return self.name


class OptionGroup(MenuRow):
    item = models.ForeignKey(
        MenuItem, models.CASCADE, related_name="option_groups", verbose_name=_("item")
    )
    name = models.CharField(_("name"), max_length=100)
    min = models.PositiveSmallIntegerField(
        _("least"), default=0, help_text=_("How many options must be chosen.")
    )
    max = models.PositiveSmallIntegerField(
        _("most"), default=1, help_text=_("How many options may be chosen.")
    )

    class Meta:
        verbose_name = _("option group")
        verbose_name_plural = _("option groups")
        ordering = ["item_id", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="orders_optiongroup_name"),
            models.CheckConstraint(condition=Q(min__lte=F("max")), name="orders_optiongroup_range"),
        ]

    def __str__(self) -> str:
        return self.name


class Option(MenuRow):
    group = models.ForeignKey(
        OptionGroup, models.CASCADE, related_name="options", verbose_name=_("group")
    )
    sku = models.CharField(_("SKU"), max_length=64)
    name = models.CharField(_("name"), max_length=100)
    price = models.DecimalField(
        _("price difference"),
        max_digits=8,
        decimal_places=2,
        default=0,
        help_text=_("Added to the item's price; may be negative."),
    )

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["group_id", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["group", "sku"], name="orders_option_sku")]

    def __str__(self) -> str:
        return self.name
