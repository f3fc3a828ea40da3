"""Users: who they are, where they are logged in, and what may be done to them."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.forms import UserChangeForm as UnfoldChangeForm

from auth_grpc import authority, open_sessions
from auth_grpc.admin.deeds import DEEDS
from auth_grpc.models import User
from restaurant.admin_parts import Page, flag
from restaurant.admin_parts.rights import Rights


class UserForm(UnfoldChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Unfold's text has a link that its colour alone tells from the rest.
        self.fields["password"].help_text = format_html(
            '{} <a href="../password/" class="account-link">{}</a>',
            gettext("Only a hash of it is kept."),
            gettext("Set another password"),
        )


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


# All that is shown, searched and asked of customers to who sees nobody else.
OF_CUSTOMERS = ("email", "name", "is_active", "date_joined")
ORDERS = "admin:orders_order_changelist"
TIMES = ("date_joined", "last_login", "second_factor_since")
SESSIONS: Any = (_("Where they are logged in"), {"fields": ("open_sessions",)})
NOTHING = "-"


@admin.register(User)
class UserAdmin(Rights, DjangoUserAdmin, Page):  # type: ignore[misc, type-arg]
    list_display = ("email", "name", "roles", "is_staff", "factor", "is_active", "date_joined")
    list_filter = (
        ("groups", RelatedDropdownFilter),
        ("is_staff", BooleanRadioFilter),
        ("is_active", BooleanRadioFilter),
    )
    search_ids = ("id",)
    search_fields = ("email", "name")
    ordering = ("email", "id")
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Roles"), {"fields": ("groups", "is_active", "is_staff")}),
        SESSIONS,
        (_("Further rights"), {"fields": ("is_superuser", "user_permissions"), "classes": ["tab"]}),
        (
            _("Times"),
            {"fields": ("date_joined", "last_login", "second_factor_since"), "classes": ["tab"]},
        ),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    # Whether a user is active is changed by deeds, which end the sessions and keep a superuser.
    readonly_fields = (
        *TIMES,
        *("is_active", "open_sessions", "orders"),
    )
    deeds = DEEDS
    factor = flag(
        "factor",
        lambda user: _("second factor") if user.second_factor_since else None,
        "success",
        title=_("second factor"),
    )
    # Who may edit users, but is no superuser, hands out no rights.
    RIGHTS = ("groups", "is_staff", "is_superuser", "user_permissions")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description=_("open sessions"))
    def open_sessions(self, user: User) -> str:
        found = open_sessions.of(user, now=timezone.now())
        return render_to_string("auth_grpc/admin/sessions.html", {"table": _table(found)})

    @admin.display(description=_("orders"))
    def orders(self, user: User) -> str:
        url = f"{reverse(ORDERS)}?{urlencode({'q': str(user.pk)})}"
        return format_html('<a href="{}">{}</a>', url, gettext("Orders of this customer"))

    def get_list_display(self, request: HttpRequest) -> Any:
        return OF_CUSTOMERS if _sees_customers_alone(request) else super().get_list_display(request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        found = super().get_list_filter(request)
        return found[-1:] if _sees_customers_alone(request) else found

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """Answer no question about what is not shown: it would tell bit by bit."""
        if _sees_customers_alone(request) and lookup.partition("__")[0] not in OF_CUSTOMERS:
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if _sees_customers_alone(request):
            links = ("orders",) if _opens_orders(request) else ()
            return [(None, {"fields": (*OF_CUSTOMERS, *links)})]
        shown = super().get_fieldsets(request, obj)
        if request.user.has_perm("auth_grpc.view_session"):
            return shown
        return [one for one in shown if one is not SESSIONS]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out deleting many at once: who is to be shut out is deactivated."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Leave out what this person may not do to this user."""
        offered = super().get_actions_detail(request, object_id)
        user = self.get_object(request, object_id) if offered else None
        if user is None or not authority.is_over(request.user, user):  # type: ignore[arg-type]
            return []
        own = {"deactivate"} if user == request.user else set()
        return [one for one in offered if one.method.original_function_name not in own]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Give whom this person may see, in lists, on pages, in searches and completions alike."""
        found = authority.visible(request.user)  # type: ignore[arg-type]
        return found.order_by(*self.ordering).prefetch_related("groups")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those in, too, who see customers; whom they see is the queryset's to say."""
        if _sees_customers_alone(request):
            found = authority.visible(request.user)  # type: ignore[arg-type]
            return not isinstance(obj, User) or found.contains(obj)
        return super().has_view_permission(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 - Django's name
        """Have it in the audit trail, with the change, that a password was set."""
        with transaction.atomic(using="default"):
            if request.method == "POST" and (user := self.get_object(request, unquote(id))):
                self.remember(request, user)
            return super().user_change_password(request, id, form_url)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return fixed if _is_superuser(request) else (*fixed, *self.RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep staff's accounts, and so their passwords, to superusers."""
        if isinstance(obj, User) and (obj.is_staff or obj.is_superuser):
            return _is_superuser(request)
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request) and obj != request.user


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _sees_customers_alone(request: HttpRequest) -> bool:
    return authority.sees_customers_alone(request.user)  # type: ignore[arg-type]


def _opens_orders(request: HttpRequest) -> bool:
    """Tell whether this process serves the list of orders, and to this person."""
    try:
        reverse(ORDERS)
    except NoReverseMatch:
        return False
    return bool(request.user.has_perm("orders.view_order"))


def _table(found: list[open_sessions.OpenSession]) -> dict[str, Any]:
    """Give Unfold's table of sessions."""
    return {
        "headers": [
            *(gettext("What"), gettext("Device"), gettext("Address"), gettext("Opened")),
            *(gettext("Last used"), gettext("Expires"), gettext("Refresh tokens")),
        ],
        "rows": [
            [
                *(one.kind, one.device, one.address or NOTHING, _moment(one.opened_at)),
                *(_moment(one.used_at), _moment(one.expires_at), one.tokens or NOTHING),
            ]
            for one in found
        ],
    }


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else NOTHING
