"""The menu, and the orders that were placed from it.

An order line snapshots what it was made of, so that no later change of the menu reaches an order.
"""

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from restaurant.messaging import models as messaging
from restaurant.trail import models as trail


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


class Order(models.Model):
    """An order, and how far it has come. Its key is the number that staff call out."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        ACCEPTED = "accepted", _("accepted")
        COOKING = "cooking", _("cooking")
        COOKED = "cooked", _("cooked")
        OUT_FOR_DELIVERY = "out_for_delivery", _("out for delivery")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")
        REJECTED = "rejected", _("rejected")
        DELIVERY_FAILED = "delivery_failed", _("delivery failed")

        @property
        def rank(self) -> int:
            """How far an order of this status has come; it never goes back."""
            return _RANKS.get(self, ENDED)

    public_id = models.UUIDField(_("id"), default=uuid7, editable=False)
    customer_id = models.UUIDField(_("customer"))
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.PLACED
    )
    status_rank = models.PositiveSmallIntegerField(_("rank of the status"), default=0)
    cancel_requested = models.BooleanField(
        _("cancel requested"), default=False, help_text=_("Asked for; the kitchen decides.")
    )
    currency = models.CharField(_("currency"), max_length=3)
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    address = models.CharField(_("address"), max_length=300)
    note = models.CharField(_("note"), max_length=500, blank=True)
    # Grows with every change that a customer can see: an older copy is told from a newer one by it.
    version = models.PositiveIntegerField(_("version"), default=1)
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)
    # Personal data: for staff alone, in no event, and erased after CLIENT_ADDRESS_RETENTION.
    client_address = models.GenericIPAddressField(_("client's address"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))
    overdue_since = models.DateTimeField(
        _("overdue since"), null=True, blank=True, help_text=_("Its next event is late.")
    )
    overdue_reason = models.CharField(_("why overdue"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="orders_order_public_id"),
            models.CheckConstraint(condition=Q(total__gte=0), name="orders_order_total"),
        ]
        indexes = [
            # A customer's own orders, newest first.
            models.Index(fields=["customer_id", "-id"], name="orders_order_customer"),
            # The watchdog's question: which unfinished orders have not moved for long.
            models.Index(
                fields=["updated_at"],
                condition=Q(status_rank__lt=100),
                name="orders_order_unfinished",
            ),
            # What ended since: for refreshing the cache after it was away.
            models.Index(
                fields=["updated_at"], condition=Q(status_rank__gte=100), name="orders_order_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_ended(self) -> bool:
        return self.status_rank >= ENDED


# Rank of every status in which an order stays for ever; the partial indexes name it too.
ENDED = 100
_RANKS: dict[str, int] = {
    Order.Status.PLACED: 0,
    Order.Status.ACCEPTED: 10,
    Order.Status.COOKING: 20,
    Order.Status.COOKED: 30,
    Order.Status.OUT_FOR_DELIVERY: 40,
}


class OrderLine(models.Model):
    """One dish of an order in one configuration, as it stood on the menu then."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    sku = models.CharField(_("SKU"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    unit_price = models.DecimalField(
        _("unit price"),
        max_digits=10,
        decimal_places=2,
        help_text=_("Of one, chosen options included."),
    )
    station = models.CharField(_("station"), max_length=50)
    preparation_seconds = models.PositiveIntegerField(_("preparation seconds"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    # [{"sku": …, "name": …, "group": …, "price": "3.00"}], in the order chosen.
    options = models.JSONField(_("options"), default=list)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_orderline_quantity")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"


class TimelineEntry(models.Model):
    """Something that happened to an order, told once."""

    # What is given of each entry when many are written at once.
    COLUMNS = ("order_id", "event_id", "type", "status", "at", "detail")

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="timeline", verbose_name=_("order")
    )
    event_id = models.UUIDField(_("event id"))
    # The event's topic, as "order_cooked".
    type = models.CharField(_("type"), max_length=50)
    # The status that it stands for; empty when it stands for none.
    status = models.CharField(_("status"), max_length=20, choices=Order.Status.choices, blank=True)
    # When its publisher decided it.
    at = models.DateTimeField(_("at"))
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["event_id"], name="orders_timeline_event")]

    def __str__(self) -> str:
        return self.type


class IdempotencyKey(models.Model):
    """A customer's own name for an attempt to order: the same name never orders twice."""

    customer_id = models.UUIDField(_("customer"))
    key = models.CharField(_("key"), max_length=200)
    # Of the request's body: another body under the same key is a client's mistake.
    request_hash = models.CharField(_("hash of the request"), max_length=32)
    # The order's public id. No foreign key: the key is written first, to learn whether it is new.
    order_id = models.UUIDField(_("order"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "key"], name="orders_idempotency_key")
        ]

    def __str__(self) -> str:
        return self.key


class RefusalCount(models.Model):
    """How many requests for orders were refused for one reason in a quarter of an hour."""

    at = models.DateTimeField(_("from"), help_text=_("The quarter of an hour that begins then."))
    # What clients are told, as "unknown_sku".
    code = models.CharField(_("reason"), max_length=50)
    count = models.PositiveIntegerField(_("requests"))

    class Meta:
        verbose_name = _("refused requests")
        verbose_name_plural = _("refused requests")
        ordering = ["-at", "code"]
        constraints = [
            # Also finds those of a day.
            models.UniqueConstraint(fields=["at", "code"], name="orders_refusalcount_slot"),
        ]

    def __str__(self) -> str:
        return self.code


class OutboxMessage(messaging.OutboxMessage):
    class Meta(messaging.OutboxMessage.Meta):
        pass


class InboxMessage(messaging.InboxMessage):
    class Meta(messaging.InboxMessage.Meta):
        pass


class DeadLetter(messaging.DeadLetter):
    class Meta(messaging.DeadLetter.Meta):
        pass


class TrailEntry(trail.TrailEntry):
    class Meta(trail.TrailEntry.Meta):
        pass
