"""What a login opens: a session of the API with its tokens, or one of the staff site."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from auth_grpc.models.users import User


class Session(models.Model):
    """A login on one device: the family of its refresh tokens. Revoking it ends them all."""

    class Reason(models.TextChoices):
        LOGOUT = "logout", _("Logged out")
        REUSE = "reuse", _("Spent refresh token used again")
        STAFF = "staff", _("Ended by staff")
        PASSWORD = "password", _("Password changed")
        FACTOR = "factor", _("Second factor changed")
        INACTIVE = "inactive", _("User deactivated")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("opened"))
    used_at = models.DateTimeField(_("last refreshed"))
    expires_at = models.DateTimeField(_("expires"))
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=200, blank=True)
    # Whether a code was asked for and right: what the login proved.
    second_factor = models.BooleanField(_("second factor"), default=False, db_default=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_reason = models.CharField(
        _("reason"), max_length=10, choices=Reason.choices, blank=True
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-created_at", "id"]
        indexes = [
            # The purge: whose last refresh token has expired.
            models.Index(fields=["expires_at"], name="session_expires"),
            # The staff site's list.
            models.Index(fields=["-created_at", "id"], name="session_recent"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None


class RefreshToken(models.Model):
    """A refresh token, by its `jti`: good for one use."""

    id = models.UUIDField(primary_key=True, editable=False)
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="refresh_tokens", verbose_name=_("session")
    )
    expires_at = models.DateTimeField(_("expires"))
    spent_at = models.DateTimeField(_("spent"), null=True, blank=True)

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        ordering = ["-expires_at", "id"]
        indexes = [
            # The purge, which finds the expired ones of living sessions too.
            models.Index(fields=["expires_at"], name="refresh_token_expires"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class StaffSession(AbstractBaseSession):
    """A browser's session on the staff site: Django's, that knows whose it is.

    `auth_grpc.staff_sessions` keeps these. To delete one is to sign that browser out.
    """

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="staff_sessions",
        verbose_name=_("user"),
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=200, blank=True)

    class Meta:
        # Its key is as good as a password: no page shows the rows by themselves.
        default_permissions = ()
        verbose_name = _("staff site session")
        verbose_name_plural = _("staff site sessions")
        ordering = ["-expire_date", "session_key"]

    @classmethod
    def get_session_store_class(cls) -> type:
        from auth_grpc.staff_sessions import SessionStore

        return SessionStore
