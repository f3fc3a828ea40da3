"""The table of answers that every service with keyed requests keeps in its own database.

Abstract: a service's models subclass it under the same name, and it is found by the app label.
"""

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptAnswer(models.Model):
    """What a request with an idempotency key was answered, for the day in which it may repeat."""

    user_id = models.UUIDField(_("user"))
    # Longer paths lead nowhere: what is refused is not kept.
    route = models.CharField(_("route"), max_length=300)
    key = models.CharField(_("key"), max_length=200)
    # Of the request's body: another body under the same key is a client's mistake.
    request_hash = models.CharField(_("hash of the request"), max_length=32)
    status = models.PositiveSmallIntegerField(_("status"))
    headers = models.JSONField(_("headers"))
    body = models.BinaryField(_("body"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        abstract = True
        # Answers tell of people's orders: staff have pages for those.
        default_permissions = ()
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "route", "key"], name="%(app_label)s_kept_answer_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


def kept_answers_of(service: str) -> Any:
    """Give the service's own model of kept answers (a manager on it is `.objects`)."""
    return apps.get_model(service, "KeptAnswer")
