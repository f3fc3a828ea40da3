"""What a user proves a login with beside the password."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from auth_grpc.models.users import User


class SecondFactor(models.Model):
    """A secret that the user's telephone shares, and makes codes of (TOTP, RFC 6238)."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="second_factor", verbose_name=_("user")
    )
    secret = models.TextField(
        _("secret"), help_text=_("Encrypted under SECRET_KEY, as the signing keys are.")
    )
    created_at = models.DateTimeField(_("set up"))
    # The half minute of the last code that was taken: it, and those before, are not taken again.
    last_step = models.BigIntegerField(_("last code's time step"), default=0)

    class Meta:
        default_permissions = ()
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A code for when the telephone is lost, good for one login. Only its hash is kept."""

    factor = models.ForeignKey(
        SecondFactor,
        on_delete=models.CASCADE,
        related_name="recovery_codes",
        verbose_name=_("second factor"),
    )
    digest = models.CharField(_("hash"), max_length=64)
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        ordering = ["id"]
        constraints = [
            # Found by it at a login.
            models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_digest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
