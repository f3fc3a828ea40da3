"""The keys that sign tokens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SigningKey(models.Model):
    """A key pair for tokens. One signs; the retired ones verify until their tokens are gone."""

    kid = models.CharField(_("key id"), max_length=32, primary_key=True)
    algorithm = models.CharField(_("algorithm"), max_length=10)
    public_pem = models.TextField(_("public key"))
    private_pem = models.TextField(
        _("private key"),
        blank=True,
        help_text=_("PKCS #8, encrypted under SECRET_KEY; forgotten when the key retires."),
    )
    created_at = models.DateTimeField(_("made"))
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    expires_at = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("When the last token it signed is gone.")
    )

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering = ["-created_at", "kid"]
        constraints = [
            # Of two processes that make the first key at once, one fails and reads the other's.
            models.UniqueConstraint(
                fields=["algorithm"],
                condition=models.Q(retired_at=None),
                name="signing_key_one_current",
            ),
        ]

    def __str__(self) -> str:
        return self.kid
