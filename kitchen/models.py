"""Tables of the service.

The lock on a `KitchenOrder` row guards the order and all its tickets; the lock on a `Station` row
guards how many tickets cook there. Who needs both takes the station's first.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kitchen.errors import IllegalTransition
from restaurant.idempotency import models as idempotency
from restaurant.messaging import models as messaging
from restaurant.trail import models as trail


class Station(models.Model):
    """A place in the kitchen that cooks a kind of dishes."""

    class Mode(models.TextChoices):
        AUTOMATIC = "automatic", _("automatic")
        MANUAL = "manual", _("manual")

    code = models.SlugField(
        _("code"),
        max_length=50,
        db_index=False,
        help_text=_("What the menu calls the station, as “oven”."),
    )
    name = models.CharField(_("name"), max_length=100)
    capacity = models.PositiveSmallIntegerField(
        _("capacity"),
        null=True,
        blank=True,
        help_text=_("How many tickets cook at once; empty means without limit."),
    )
    mode = models.CharField(
        _("mode"),
        max_length=10,
        choices=Mode.choices,
        default=Mode.AUTOMATIC,
        help_text=_("Automatic: a timer finishes tickets. Manual: staff bump them."),
    )
    is_open = models.BooleanField(
        _("open"),
        default=True,
        help_text=_("Orders that need a closed station are rejected; its tickets still cook."),
    )
    warn_after_seconds = models.PositiveIntegerField(
        _("slow after, seconds"),
        default=480,
        db_default=480,
        help_text=_("A ticket that has been here this long is shown as slow."),
    )
    late_after_seconds = models.PositiveIntegerField(
        _("late after, seconds"),
        default=900,
        db_default=900,
        help_text=_("A ticket that has been here this long is shown as late."),
    )

    class Meta:
        verbose_name = _("station")
        verbose_name_plural = _("stations")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="kitchen_station_code_unique"),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gte=1),
                name="kitchen_station_capacity_positive",
            ),
            models.CheckConstraint(
                condition=Q(late_after_seconds__gte=F("warn_after_seconds")),
                name="kitchen_station_slow_before_late",
                violation_error_message=_("A ticket is slow before it is late."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KitchenOrder(models.Model):
    """An order as the kitchen knows it. Without a number: a cancel that came before its order."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        COOKING = "cooking", _("cooking")
        COOKED = "cooked", _("cooked")
        CANCELLED = "cancelled", _("cancelled")
        REJECTED = "rejected", _("rejected")

    # In these the kitchen still has work, and agrees to a cancel.
    UNFINISHED = (Status.QUEUED, Status.COOKING)

    order_id = models.UUIDField(_("order id"), primary_key=True)
    number = models.BigIntegerField(
        _("number"),
        null=True,
        blank=True,
        help_text=_("Called out by staff; empty while only the order's cancel has arrived."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    # Tickets that are not done: the order is cooked when none is left.
    open_tickets = models.PositiveSmallIntegerField(_("open tickets"), default=0)
    address = models.TextField(_("address"), blank=True)
    note = models.TextField(_("note"), blank=True)
    reason = models.TextField(
        _("reason"), blank=True, help_text=_("Why it was cancelled or rejected.")
    )
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        # The id is a UUIDv7, so this is newest first.
        ordering = ["-order_id"]
        indexes = [
            # Unfinished orders: for the audit, for republishing, and for staff's filter.
            models.Index(fields=["status", "order_id"], name="kitchen_order_by_status"),
            # Staff look for the number that is called out.
            models.Index(fields=["number"], name="kitchen_order_number"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}" if self.number is not None else str(self.order_id)


class Ticket(models.Model):
    """The part of an order that one station cooks."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        COOKING = "cooking", _("cooking")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    # A done ticket cooks again when staff recall it.
    LEGAL_MOVES = {
        Status.QUEUED: {Status.COOKING, Status.CANCELLED},
        Status.COOKING: {Status.DONE, Status.CANCELLED},
        Status.DONE: {Status.COOKING},
        Status.CANCELLED: set(),
    }

    order = models.ForeignKey(
        KitchenOrder,
        verbose_name=_("order"),
        on_delete=models.PROTECT,
        related_name="tickets",
        db_index=False,
    )
    station = models.ForeignKey(
        Station,
        verbose_name=_("station"),
        on_delete=models.PROTECT,
        related_name="tickets",
        db_index=False,
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    lines = models.JSONField(
        _("lines"),
        help_text=_("A list of {sku, name, quantity, options: [names], note}."),
    )
    preparation_seconds = models.PositiveIntegerField(
        _("preparation, seconds"), help_text=_("Of the dish that takes longest.")
    )
    queued_at = models.DateTimeField(_("queued at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    # When the timer finishes it: only while it cooks at an automatic station.
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    # Of one that was recalled: when it was done before, for what counted it there.
    first_done_at = models.DateTimeField(_("first done at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    # When a cook took note that it was cancelled: until then it stays on the board.
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    # Who made the last move, as a colleague would name them; empty when it was the timer.
    moved_by = models.CharField(
        _("moved by"), max_length=150, blank=True, default="", db_default=""
    )
    moved_at = models.DateTimeField(_("moved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-id"]
        constraints = [
            # Also finds an order's tickets.
            models.UniqueConstraint(
                fields=["order", "station"], name="kitchen_ticket_one_a_station"
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(status="cooking"),
                name="kitchen_ticket_due_while_cooking",
            ),
        ]
        indexes = [
            # The head of a station's queue, how many cook there, and the board.
            models.Index(fields=["station", "status", "id"], name="kitchen_ticket_by_station"),
            # Staff's filter on status alone, newest first.
            models.Index(fields=["status", "id"], name="kitchen_ticket_by_status"),
            # The timer's question. The condition has no value in it, so that a prepared
            # statement's generic plan can use the index too.
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="kitchen_ticket_due"
            ),
            # The board: what was bumped last, and what was cancelled and no cook knows of yet.
            models.Index(
                fields=["-done_at"],
                condition=Q(done_at__isnull=False),
                name="kitchen_ticket_last_done",
            ),
            # The dashboard: what was recalled and moved since it was counted. Few ever are.
            models.Index(
                fields=["moved_at"],
                condition=Q(first_done_at__isnull=False),
                name="kitchen_ticket_recalled",
            ),
            models.Index(
                fields=["cancelled_at"],
                condition=Q(cancelled_at__isnull=False, acknowledged_at__isnull=True),
                name="kitchen_ticket_unacknowledged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.station}"

    def check_move(self, to: Status) -> None:
        """Raises `IllegalTransition` unless the ticket may become `to` now."""
        if to not in self.LEGAL_MOVES[Ticket.Status(self.status)]:
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
