"""The keys that sign tokens, and the counts of failed logins."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesCheckboxFilter

from auth_grpc.models import LoginCount, SigningKey
from restaurant.admin_parts import ReadOnlyPage, flag


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
