from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """What somebody wants to see of a list again: its search, filters and order, by a name."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_filters",
        verbose_name=_("user"),
    )
    page = models.CharField(_("list"), max_length=100, help_text=_("As orders.Order."))
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("query"), max_length=1000)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        # Each has only one's own, so nobody is granted anything.
        default_permissions = ()
        ordering = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Also finds those of a list.
            models.UniqueConstraint(fields=["user", "page", "name"], name="saved_filter_name"),
        ]

    def __str__(self) -> str:
        return self.name
