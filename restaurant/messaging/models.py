"""The tables that every service which speaks Kafka keeps in its own database.

Abstract: a service's `models.py` subclasses each of them under the same name, and the kernel finds
them by the service's app label.
"""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """A message that was decided on, in the transaction that decided it.

    The columns `id`, `aggregatetype`, `aggregateid`, `type` and `payload` are those of Debezium's
    outbox event router, which can replace the relay.
    """

    sequence = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(_("event id"), db_column="id", unique=True)
    topic = models.CharField(_("topic"), max_length=200, db_column="aggregatetype")
    key = models.CharField(_("key"), max_length=200, db_column="aggregateid")
    type = models.CharField(_("type"), max_length=200)
    payload = models.BinaryField(_("payload"))
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)
    # Sent beside the headers that the columns make; dead letters say here where they came from.
    headers = models.JSONField(_("headers"), default=dict)
    created_at = models.DateTimeField(_("created at"))
    published_at = models.DateTimeField(_("published at"), null=True)
    # How often it was put up to be published again, for a broker that may have lost it.
    republished = models.PositiveIntegerField(_("published again"), default=0, db_default=0)

    class Meta:
        abstract = True
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox")
        ordering = ["-sequence"]
        indexes = [
            # The relay's question: what is not published yet, in order. Empty most of the time.
            models.Index(
                fields=["sequence"],
                condition=Q(published_at=None),
                name="%(app_label)s_outbox_due",
            ),
            # Everything that was said of one order: republishing it, and its journey.
            models.Index(fields=["key", "sequence"], name="%(app_label)s_outbox_key"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.event_id}"


class InboxMessage(models.Model):
    """An event that this service has handled: a second copy of it changes nothing."""

    event_id = models.UUIDField(_("event id"), primary_key=True)
    topic = models.CharField(_("topic"), max_length=200)
    partition = models.IntegerField(_("partition"))
    offset = models.BigIntegerField(_("offset"))
    handled_at = models.DateTimeField(_("handled at"))
    # Which try it was of the process that did it; the tries of one that died are not known.
    attempt = models.PositiveIntegerField(_("attempt"), default=1, db_default=1)
    # Copies that came later and changed nothing.
    repeats = models.PositiveIntegerField(_("repeats dropped"), default=0, db_default=0)
    last_repeat_at = models.DateTimeField(_("last repeat at"), null=True, blank=True)

    class Meta:
        abstract = True
        verbose_name = _("inbox message")
        verbose_name_plural = _("inbox")
        ordering = ["-event_id"]

    def __str__(self) -> str:
        return f"{self.topic} {self.event_id}"


class DeadLetters(models.QuerySet["DeadLetter"]):
    """Letters of one service."""

    def waiting(self) -> "DeadLetters":
        """Leave those for which nobody has decided yet."""
        return self.filter(redriven_at=None, discarded_at=None)


class DeadLetter(models.Model):
    """A message that this service could not handle, kept until somebody decides."""

    event_id = models.UUIDField(_("event id"))
    topic = models.CharField(_("topic"), max_length=200)
    partition = models.IntegerField(_("partition"))
    offset = models.BigIntegerField(_("offset"))
    key = models.CharField(_("key"), max_length=200)
    type = models.CharField(_("type"), max_length=200)
    headers = models.JSONField(_("headers"), default=dict)
    payload = models.BinaryField(_("payload"))
    error = models.CharField(_("error"), max_length=500)
    # The error without what differs from message to message: letters are grouped by it. Short, for
    # an index holds it.
    error_kind = models.CharField(_("kind of error"), max_length=200, default="", db_default="")
    traceback = models.TextField(_("traceback"), blank=True)
    failed_at = models.DateTimeField(_("failed at"))
    redriven_at = models.DateTimeField(_("redriven at"), null=True, blank=True)
    redriven_by = models.CharField(
        _("redriven by"), max_length=254, blank=True, default="", db_default=""
    )
    discarded_at = models.DateTimeField(_("discarded at"), null=True, blank=True)
    discarded_by = models.CharField(
        _("discarded by"), max_length=254, blank=True, default="", db_default=""
    )
    discard_reason = models.CharField(
        _("why discarded"), max_length=500, blank=True, default="", db_default=""
    )

    objects = DeadLetters.as_manager()

    class Meta:
        abstract = True
        verbose_name = _("dead letter")
        verbose_name_plural = _("dead letters")
        # What waits comes first.
        ordering = [
            F("redriven_at").asc(nulls_first=True),
            F("discarded_at").asc(nulls_first=True),
            "-id",
        ]
        indexes = [
            # What waits, by group. Empty most of the time.
            models.Index(
                fields=["topic", "error_kind", "id"],
                condition=Q(redriven_at=None, discarded_at=None),
                name="%(app_label)s_letter_waiting",
            ),
            # Whether an event failed again, and what failed of an order.
            models.Index(fields=["event_id", "id"], name="%(app_label)s_letter_event"),
            models.Index(fields=["key"], name="%(app_label)s_letter_key"),
        ]

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}: {self.error}"


def outbox_of(service: str) -> Any:
    """Give the service's own outbox model (a manager on it is `.objects`)."""
    return apps.get_model(service, "OutboxMessage")


def inbox_of(service: str) -> Any:
    return apps.get_model(service, "InboxMessage")


def dead_letters_of(service: str) -> Any:
    return apps.get_model(service, "DeadLetter")
