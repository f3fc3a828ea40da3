"""Sessions of the API, and their refresh tokens."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesCheckboxFilter
from unfold.enums import ActionVariant

from auth_grpc import services
from auth_grpc.errors import AlreadySo, AuthError
from auth_grpc.models import RefreshToken, Session, User
from restaurant.admin_parts import Asked, Deed, RangeFilter, ReadOnlyPage, flag


def _end(session: Session, asked: Asked) -> None:
    if not services.revoke(session, reason=Session.Reason.STAFF, now=asked.now):
        raise AlreadySo


@admin.register(Session)
class SessionAdmin(ReadOnlyPage):
    list_display = ("user", "ended", "address", "created_at", "used_at", "expires_at")
    list_select_related = ("user",)
    list_filter = (
        ("revoked_reason", ChoicesCheckboxFilter),
        ("created_at", RangeFilter),
    )
    search_ids = ("id", "user_id")
    search_fields = ("user__email", "address")
    fieldsets = (
        (None, {"fields": ("user", "ended", "revoked_at")}),
        (_("Device"), {"fields": ("address", "user_agent", "second_factor")}),
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
    list_filter = (("expires_at", RangeFilter),)
    search_ids = ("id", "session_id")
    search_fields = ("session__user__email",)

    @admin.display(description=_("user"), ordering="session__user__email")
    def session_user(self, token: RefreshToken) -> User:
        return token.session.user
