"""Tables of the service.

The lock on a `Delivery` row guards its state; the lock on a `Courier` row guards what they carry.
Who needs both takes the courier's first.
"""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from delivery.errors import IllegalTransition
from restaurant.idempotency import models as idempotency
from restaurant.messaging import models as messaging
from restaurant.trail import models as trail


class Courier(models.Model):
    """A person who brings orders to customers."""

    class Mode(models.TextChoices):
        AUTOMATIC = "automatic", _("automatic")
        MANUAL = "manual", _("manual")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    user_id = models.UUIDField(
        _("user id"), null=True, blank=True, help_text=_("Their account; may be empty.")
    )
    mode = models.CharField(
        _("mode"),
        max_length=10,
        choices=Mode.choices,
        default=Mode.AUTOMATIC,
        help_text=_("Automatic: timers drive. Manual: each step is marked by hand."),
    )
    on_shift = models.BooleanField(_("on shift"), default=False)
    load_limit = models.PositiveSmallIntegerField(
        _("load limit"),
        null=True,
        blank=True,
        help_text=_("How many deliveries they carry at once; empty means without limit."),
    )
    # Who started or ended their last shift, as a colleague would name them.
    shift_changed_by = models.CharField(
        _("shift changed by"), max_length=150, blank=True, default="", db_default=""
    )
    shift_changed_at = models.DateTimeField(_("shift changed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("courier")
        verbose_name_plural = _("couriers")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user_id"], name="delivery_courier_user_unique"),
            models.CheckConstraint(
                condition=Q(load_limit=None) | Q(load_limit__gte=1),
                name="delivery_courier_load_limit_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """Bringing one cooked order to its customer."""

    class Status(models.TextChoices):
        AWAITING_COURIER = "awaiting_courier", _("awaiting courier")
        ASSIGNED = "assigned", _("assigned")
        OUT_FOR_DELIVERY = "out_for_delivery", _("out for delivery")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    # In these a courier carries it.
    CARRIED = (Status.ASSIGNED, Status.OUT_FOR_DELIVERY)
    # In these its order has ended without it.
    GIVEN_UP = (Status.FAILED, Status.CANCELLED)
    # An assigned delivery may be given to another courier, or wait again when staff take it back
    # or its courier goes home; one on the road waits again after its first failure.
    LEGAL_MOVES = {
        Status.AWAITING_COURIER: {Status.ASSIGNED, Status.CANCELLED},
        Status.ASSIGNED: {
            Status.ASSIGNED,
            Status.AWAITING_COURIER,
            Status.OUT_FOR_DELIVERY,
            Status.CANCELLED,
        },
        Status.OUT_FOR_DELIVERY: {
            Status.AWAITING_COURIER,
            Status.DELIVERED,
            Status.FAILED,
            Status.CANCELLED,
        },
        Status.DELIVERED: set(),
        Status.FAILED: set(),
        Status.CANCELLED: set(),
    }
    MAX_ATTEMPTS = 2

    order_id = models.UUIDField(_("order id"))
    number = models.BigIntegerField(_("number"), help_text=_("Called out by staff."))
    address = models.TextField(_("address"), blank=True)
    note = models.TextField(_("note"), blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.AWAITING_COURIER
    )
    courier = models.ForeignKey(
        Courier,
        verbose_name=_("courier"),
        on_delete=models.PROTECT,
        related_name="deliveries",
        null=True,
        blank=True,
        db_index=False,
    )
    # Whose attempt failed: another one tries next, when there is another.
    failed_courier = models.ForeignKey(
        Courier,
        verbose_name=_("failed courier"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    # When the timer takes the next step: only with an automatic courier.
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    waiting_since = models.DateTimeField(
        _("waiting since"), null=True, blank=True, help_text=_("Only while no courier has it.")
    )
    # Who holds it while it waits: the timer leaves it to staff. No constraint ties it to the
    # status, for a process of the version before knows nothing of it and must not fail.
    held_by = models.CharField(
        _("held by"),
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who took it back: it is assigned by hand, or released to the timer."),
    )
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    failure_reason = models.TextField(_("failure reason"), blank=True)
    # Who made the last move, as a colleague would name them; empty when it was the timer.
    moved_by = models.CharField(
        _("moved by"), max_length=150, blank=True, default="", db_default=""
    )
    moved_at = models.DateTimeField(_("moved at"), null=True, blank=True)
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        permissions = [("carry_delivery", "Can bring deliveries, and see those that are theirs")]
        constraints = [
            models.UniqueConstraint(fields=["order_id"], name="delivery_delivery_order_unique"),
            models.CheckConstraint(
                condition=Q(courier=None, status__in=["awaiting_courier", "cancelled"])
                | Q(courier__isnull=False) & ~Q(status="awaiting_courier"),
                name="delivery_delivery_courier_unless_waiting",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(status__in=["assigned", "out_for_delivery"]),
                name="delivery_delivery_due_while_carried",
            ),
            # The queue is found by `waiting_since`, so no waiting delivery may lack it.
            models.CheckConstraint(
                condition=Q(waiting_since=None) ^ Q(status="awaiting_courier"),
                name="delivery_delivery_waiting_since_while_waiting",
            ),
        ]
        indexes = [
            # Unfinished deliveries; staff's filter.
            models.Index(fields=["status", "id"], name="delivery_delivery_by_status"),
            # Staff look for the number that is called out.
            models.Index(fields=["number"], name="delivery_delivery_number"),
            # The queue for a courier, oldest first; small, however many have been delivered.
            models.Index(
                fields=["id"],
                condition=Q(waiting_since__isnull=False),
                name="delivery_delivery_waiting",
            ),
            # How much each courier carries.
            models.Index(fields=["courier", "status"], name="delivery_delivery_by_courier"),
            # A courier's own, newest first: whoever delivers little is not looked for among all.
            models.Index(fields=["courier", "id"], name="delivery_delivery_of_courier"),
            # The timer's question. The conditions have no values in them, so that a prepared
            # statement's generic plan can use these indexes too.
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_delivery_due"
            ),
            # The board: who comes back from a customer, and what has failed lately.
            models.Index(
                fields=["delivered_at"],
                condition=Q(delivered_at__isnull=False),
                name="delivery_delivery_delivered",
            ),
            models.Index(
                fields=["failed_at"],
                condition=Q(failed_at__isnull=False),
                name="delivery_delivery_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def standing_since(self) -> datetime:
        """Since when the food has stood: since it was cooked, or since its first try failed."""
        return self.failed_at if self.attempt > 1 and self.failed_at else self.created_at

    @property
    def is_held(self) -> bool:
        """Whether it waits for staff alone, and not for the timer."""
        return self.held_by != "" and self.status == self.Status.AWAITING_COURIER

    def check_move(self, to: Status) -> None:
        """Raises `IllegalTransition` unless the delivery may become `to` now."""
        if to not in self.LEGAL_MOVES[Delivery.Status(self.status)]:
            raise IllegalTransition(_("it is %(status)s") % {"status": self.get_status_display()})


class OutboxMessage(messaging.OutboxMessage):
    class Meta(messaging.OutboxMessage.Meta):
        pass


class InboxMessage(messaging.InboxMessage):
    class Meta(messaging.InboxMessage.Meta):
        pass


class DeadLetter(messaging.DeadLetter):
    class Meta(messaging.DeadLetter.Meta):
        pass


class KeptAnswer(idempotency.KeptAnswer):
    class Meta(idempotency.KeptAnswer.Meta):
        pass


class TrailEntry(trail.TrailEntry):
    class Meta(trail.TrailEntry.Meta):
        pass
