from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from auth_grpc import services
from auth_grpc.errors import AuthError
from auth_grpc.models import LoginCount, RefreshToken, Session, SigningKey, User
from restaurant.admin_parts import Asked, Deed, Page, ReadOnlyPage, flag


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Page):  # type: ignore[type-arg]
    list_display = ("email", "name", "roles", "is_staff", "is_active", "date_joined")
    list_filter = (
        ("groups", RelatedDropdownFilter),
        ("is_staff", BooleanRadioFilter),
        ("is_active", BooleanRadioFilter),
    )
    search_ids = ("id",)
    search_fields = ("email", "name")
    ordering = ("email", "id")
    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Roles"), {"fields": ("groups", "is_active", "is_staff")}),
        (_("Further rights"), {"fields": ("is_superuser", "user_permissions"), "classes": ["tab"]}),
        (_("Times"), {"fields": ("date_joined", "last_login"), "classes": ["tab"]}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    readonly_fields = ("date_joined", "last_login")
    # Who may edit users, but is no superuser, hands out no rights.
    RIGHTS = ("groups", "is_staff", "is_superuser", "user_permissions")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return fixed if _is_superuser(request) else (*fixed, *self.RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep staff's accounts, and so their passwords, to superusers."""
        if isinstance(obj, User) and (obj.is_staff or obj.is_superuser):
            return _is_superuser(request)
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


class AlreadyEnded(AuthError):
    """It had ended before."""


def _end(session: Session, asked: Asked) -> None:
    if not services.revoke(session, reason=Session.Reason.STAFF, now=asked.now):
        raise AlreadyEnded


@admin.register(Session)
class SessionAdmin(ReadOnlyPage):
    list_display = ("user", "ended", "address", "created_at", "used_at", "expires_at")
    list_select_related = ("user",)
    list_filter = (
        ("revoked_reason", ChoicesCheckboxFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_ids = ("id", "user_id")
    search_fields = ("user__email", "address")
    fieldsets = (
        (None, {"fields": ("user", "ended", "revoked_at")}),
        (_("Device"), {"fields": ("address", "user_agent")}),
        (_("Times"), {"fields": ("created_at", "used_at", "expires_at")}),
    )
    ended = flag(
        "ended",
        lambda session: session.get_revoked_reason_display() or None,
        "danger",
        title=_("ended"),
    )
    deeds = (
        Deed(
            name="end",
            title=_("End session"),
            question=_("Its tokens are refused from now on, everywhere within ten seconds."),
            permission="auth_grpc.change_session",
            do=_end,
            refusal=AuthError,
            offered=lambda session: session.is_open,
            icon="logout",
            variant=ActionVariant.DANGER,
        ),
    )


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnlyPage):
    list_display = ("id", "session_user", "expires_at", "spent_at")
    list_select_related = ("session__user",)
    list_filter = (("expires_at", RangeDateTimeFilter),)
    search_ids = ("id", "session_id")
    search_fields = ("session__user__email",)

    @admin.display(description=_("user"), ordering="session__user__email")
    def session_user(self, token: RefreshToken) -> User:
        return token.session.user


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyPage):
    list_display = ("kid", "algorithm", "use", "created_at", "retired_at", "expires_at")
    fields = ("kid", "algorithm", "use", "created_at", "retired_at", "expires_at", "public_pem")
    use = flag(
        "use",
        lambda key: None if key.retired_at else _("signs"),
        "success",
        title=_("use"),
    )


@admin.register(LoginCount)
class LoginCountAdmin(ReadOnlyPage):
    """Failed logins; to delete a count is to let its account or address try again."""

    list_display = ("subject", "scope", "failures", "resets_at")
    list_filter = (("scope", ChoicesCheckboxFilter),)
    search_fields = ("subject",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("auth_grpc.delete_logincount"))
