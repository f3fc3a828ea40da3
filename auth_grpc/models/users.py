"""Users, and the roles they have."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

EMAIL_LENGTH, NAME_LENGTH = 254, 150


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
    email = models.EmailField(
        _("e-mail"), max_length=EMAIL_LENGTH, unique=True, help_text=_("Kept in lower case.")
    )
    name = models.CharField(
        pgettext_lazy("of a person", "name"),
        max_length=NAME_LENGTH,
        blank=True,
        help_text=_("How to address the user."),
    )
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("May log in to the staff site.")
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Take this away instead of deleting: the user's tokens die within seconds."),
    )
    second_factor_since = models.DateTimeField(
        _("second factor since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the codes that a login asks for were set up."),
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
        permissions = [
            ("view_customer", "Can look customers up: e-mail, name, since when"),
            ("manage_user", "Can end sessions, send password links and deactivate"),
            ("reset_second_factor", "Can take away a second factor"),
        ]
        constraints = [
            # With the unique index: one account an address, whatever its case, and the look-up at
            # login stays a plain equality.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower"
            ),
        ]
        indexes = [
            # Those few among all customers: staff's filter, and who is suggested to search for.
            models.Index(
                fields=["email"], condition=models.Q(is_staff=True), name="user_staff_email"
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

    @property
    def is_asked_for_code(self) -> bool:
        """Tell whether a login takes more than the password."""
        has_factor = self.second_factor_since is not None
        return self.is_staff and second_factor_is_demanded(has_factor=has_factor)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; with another password, the API's sessions that the last one opened end.

        The staff site's end by themselves (`get_session_auth_hash`).
        """
        # Set by `set_password`, and taken back where Django only renews the hash.
        is_new_password = getattr(self, "_password", None) and not self._state.adding
        with transaction.atomic(using="default"):
            super().save(*args, **kwargs)
            if is_new_password:
                self.sessions.filter(revoked_at=None).update(
                    revoked_at=timezone.now(), revoked_reason="password"
                )

    def get_session_auth_hash(self) -> str:
        """Give what a session of the staff site is bound to: the password and the second factor.

        When either changes, or the setting begins to demand a factor, the sessions from before
        are no longer known, by Django or by the live streams.
        """
        return super().get_session_auth_hash() + self._factor_mark()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for hash_ in super().get_session_auth_fallback_hash():
            yield hash_ + self._factor_mark()

    def _factor_mark(self) -> str:
        since = self.second_factor_since
        return f":{since.isoformat() if since else ''}" if self.is_asked_for_code else ""


def second_factor_is_demanded(*, has_factor: bool) -> bool:
    """Tell whether a login of staff takes a code, by `STAFF_SECOND_FACTOR`."""
    if settings.STAFF_SECOND_FACTOR == "off":
        return False
    # What is mistyped, and was not stopped by the checks, demands too much rather than nothing.
    return has_factor or settings.STAFF_SECOND_FACTOR != "optional"
