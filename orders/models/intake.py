"""What is kept of requests for orders: the keys of those taken, the counts of those refused."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
