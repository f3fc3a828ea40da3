"""The table of the audit trail that every service keeps in its own database.

Abstract: a service's `models.py` subclasses it under the same name. Its rows are only ever added:
the database refuses to change them (see `append_only`), and nobody has a permission for it.
"""

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from restaurant.databases import alias_of


class TrailEntry(models.Model):
    """One change by one person. Rows are only ever added."""

    class Via(models.TextChoices):
        ADMIN = "admin", _("Staff site")
        KITCHEN_BOARD = "kitchen_board", _("Kitchen board")
        DISPATCH_BOARD = "dispatch_board", _("Dispatch board")
        API = "api", _("API")
        COMMAND = "command", _("Command line")

    at = models.DateTimeField(_("at"))
    actor_id = models.UUIDField(_("who, by id"), null=True, blank=True)
    actor = models.CharField(_("who"), max_length=254, help_text=_("The e-mail at that time."))
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    via = models.CharField(_("by way of"), max_length=20, choices=Via.choices)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    action = models.CharField(
        _("what"), max_length=100, help_text=_("As the button's name, or add, change, delete.")
    )
    object_type = models.CharField(
        _("kind"), max_length=100, help_text=_("The model, as kitchen.ticket.")
    )
    object_id = models.CharField(_("key"), max_length=64)
    object_name = models.CharField(_("which"), max_length=200)
    # Only what changed: field → value.
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    reason = models.CharField(_("why"), max_length=500, blank=True)

    class Meta:
        abstract = True
        default_permissions = ()
        verbose_name = _("audit trail entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        # Each ends as the page is ordered, so that it reads no more rows than it shows.
        indexes = [
            models.Index(fields=["-at", "-id"], name="%(app_label)s_trail_recent"),
            # What happened to one row, what to rows of a kind, and what one person did.
            models.Index(
                fields=["object_type", "object_id", "-at", "-id"], name="%(app_label)s_trail_row"
            ),
            models.Index(fields=["object_type", "-at", "-id"], name="%(app_label)s_trail_kind"),
            models.Index(fields=["actor_id", "-at", "-id"], name="%(app_label)s_trail_person"),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.object_name}"


def service_of(app_label: str) -> str:
    """Name the service that keeps the trail of an app's rows: who has its database."""
    alias = alias_of(app_label)
    return "auth_grpc" if alias == "default" else alias


def trail_of(service: str) -> Any:
    """Give the service's own trail model (a manager on it is `.objects`)."""
    return apps.get_model(service, "TrailEntry")
