"""The counts of failed logins."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LoginCount(models.Model):
    """How often logins to an account, or from an address, have failed in a window of time.

    Wrong codes of a second factor are counted for themselves, and so is who asks for links.
    """

    class Scope(models.TextChoices):
        ACCOUNT = "account", _("Account")
        ADDRESS = "address", _("Address")
        CODE = "code", _("Codes of an account")
        LINK = "link", _("Links to an account")
        LINKS_FROM = "links_from", _("Links from an address")

    scope = models.CharField(_("scope"), max_length=10, choices=Scope.choices)
    subject = models.CharField(
        _("account or address"),
        max_length=254,
        help_text=_("An e-mail, whether it has an account or not; an IPv4 address or IPv6 /64."),
    )
    failures = models.PositiveIntegerField(_("failures"), default=0)
    resets_at = models.DateTimeField(_("resets"))

    class Meta:
        verbose_name = _("login count")
        verbose_name_plural = _("login counts")
        ordering = ["-resets_at", "id"]
        constraints = [
            # Found by it at each login, and inserted once under concurrent first failures.
            models.UniqueConstraint(fields=["scope", "subject"], name="login_count_subject"),
        ]
        indexes = [
            # The purge.
            models.Index(fields=["resets_at"], name="login_count_resets"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject}"
