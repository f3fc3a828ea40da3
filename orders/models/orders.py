"""The orders that were placed from the menu, and what happened to each.

An order line snapshots what it was made of, so that no later change of the menu reaches an order.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


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
            # Staff's filters, newest first. The conditions have no values in them, so that a
            # prepared statement's generic plan can use these indexes too.
            models.Index(fields=["status", "id"], name="orders_order_by_status"),
            models.Index(
                fields=["id"],
                condition=Q(overdue_since__isnull=False),
                name="orders_order_overdue",
            ),
            models.Index(
                fields=["id"], condition=Q(cancel_requested=True), name="orders_order_asked"
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
        indexes = [
            # Where a dish was sold: what the dashboard's number of it leads to.
            models.Index(fields=["sku", "order_id"], name="orders_orderline_sku"),
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
