"""Users and their sessions, the keys that sign tokens, and the counts of failed logins."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from restaurant.trail import models as trail


class Role(models.TextChoices):
    """The groups of users. All but customers and couriers use the staff site."""

    CUSTOMER = "customer", _("Customer")
    COURIER = "courier", _("Courier")
    KITCHEN = "kitchen", _("Kitchen")
    DISPATCH = "dispatch", _("Dispatch")
    MANAGER = "manager", _("Manager")
    SUPPORT = "support", _("Support")


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mails are normalised on their way in and in look-ups by natural key."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.model.normalize_username(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password it cannot log in. Raises `IntegrityError` when taken."""
        user = self.model(email=self.model.normalize_username(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a staff user who may do everything."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in, by e-mail; groups are the roles."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, help_text=_("Kept in lower case."))
    name = models.CharField(
        _("name"), max_length=150, blank=True, help_text=_("How to address the user.")
    )
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("May log in to the staff site.")
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Take this away instead of deleting: the user's tokens die within seconds."),
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email", "id"]
        constraints = [
            # With the unique index: one account an address, whatever its case, and the look-up at
            # login stays a plain equality.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Give an e-mail's one form: NFKC, no space around it, lower case."""
        return super().normalize_username(username).strip().lower()

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0] or self.email


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


class Session(models.Model):
    """A login on one device: the family of its refresh tokens. Revoking it ends them all."""

    class Reason(models.TextChoices):
        LOGOUT = "logout", _("Logged out")
        REUSE = "reuse", _("Spent refresh token used again")
        STAFF = "staff", _("Ended by staff")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("opened"))
    used_at = models.DateTimeField(_("last refreshed"))
    expires_at = models.DateTimeField(_("expires"))
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=200, blank=True)
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


class LoginCount(models.Model):
    """How often logins to an account, or from an address, have failed in a window of time."""

    class Scope(models.TextChoices):
        ACCOUNT = "account", _("Account")
        ADDRESS = "address", _("Address")

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


class TrailEntry(trail.TrailEntry):
    class Meta(trail.TrailEntry.Meta):
        pass
