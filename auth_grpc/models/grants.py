"""What the project itself gave to roles."""

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils.translation import gettext_lazy as _


class RoleGrant(models.Model):
    """A right that the project gave a role's group. What it gives no more is withdrawn.

    Rights that somebody gave by hand are not in here, so they stay.
    """

    group = models.ForeignKey(Group, models.CASCADE, related_name="granted", verbose_name=_("role"))
    permission = models.ForeignKey(
        Permission, models.CASCADE, related_name="granted", verbose_name=_("right")
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("right of a role")
        verbose_name_plural = _("rights of roles")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["group", "permission"], name="auth_rolegrant_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.permission}"
