"""The pages' common manners: search by id, no writes past the services, values fit to read."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline

import restaurant.admin_parts.headers  # noqa: F401 - it takes the place of Unfold's
from restaurant.admin_parts.deeds import Deeds
from restaurant.admin_parts.paging import CappedPaginator
from restaurant.admin_parts.trailed import Trailed

LONGEST_NUMBER = 19


class Page(Trailed, Deeds, ModelAdmin):
    """A model's page. `deeds` are what staff may do to its rows beside editing them.

    What is changed through it is in the audit trail.
    """

    paginator = CappedPaginator
    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = True
    show_full_result_count = False
    compressed_fields = True
    warn_unsaved_form = True
    # Times by which the list is filtered → by what it is then ordered, newest first, so that one
    # index finds the rows and orders them. Otherwise a database, told to give the newest 50 rows of
    # a day long ago, may read all newer ones first.
    ordered_by: Mapping[str, str] = {}
    # Searched by equality, so that an index serves it, when the term has their form.
    search_ids: tuple[str, ...] = ()
    search_numbers: tuple[str, ...] = ()
    # No page shows them, and no filter in an address may ask about them: it would tell bit by bit.
    secret_fields: tuple[str, ...] = ("password", "private_pem", "secret", "session_data")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed and lookup.partition("__")[0] not in self.secret_fields

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Refuse before the row is looked for: Django's tells which rows there are."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        answer: HttpResponse = super().history_view(request, object_id, extra_context)
        return answer

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Lead from a row that is gone to its list, where Django leads to the first page."""
        text = _("%(name)s “%(key)s” is not there. It may have been deleted.")
        named = {"name": str(opts.verbose_name).capitalize(), "key": object_id}
        messages.warning(request, text % named)
        name = f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(name))

    def get_ordering(self, request: HttpRequest) -> Any:
        """Order by what the list is filtered by."""
        for name, field in self.ordered_by.items():
            if request.GET.get(f"{name}_from_0") or request.GET.get(f"{name}_to_0"):
                return (f"-{field}", "-pk")
        return super().get_ordering(request)

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Show the search box also where only ids can be searched for."""
        return super().get_search_fields(request) or (*self.search_ids, *self.search_numbers)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        exact = self._exactly(search_term.strip().removeprefix("#"))
        if exact is not None:
            return queryset.filter(exact), False
        if search_term and not self.search_fields:
            return queryset.none(), False
        whose = self._whose(queryset, search_term.strip().lower()) if "@" in search_term else None
        if whose is not None:
            return whose, False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def _whose(self, queryset: QuerySet[Any], email: str) -> QuerySet[Any] | None:
        """Find what is of an account by its whole e-mail, which an index has; None without one."""
        for name in self.search_fields:
            *path, last = name.split("__")
            if last == "email" and _with_email(self.model, path, email).exists():
                return queryset.filter(**{name: email})
        return None

    def _exactly(self, term: str) -> Q | None:
        if self.search_numbers and term.isascii() and term.isdigit():
            # Longer than any key, and than what databases take for a number.
            number = int(term) if len(term) < LONGEST_NUMBER else -1
            return _any_of(self.search_numbers, number)
        try:
            return _any_of(self.search_ids, UUID(term)) if self.search_ids else None
        except ValueError:
            return None


class ReadOnlyPage(Page):
    """A page of rows that only services write; `deeds` are the way to change them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows that belong to the one shown, to be read only."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _with_email(model: Any, path: list[str], email: str) -> QuerySet[Any]:
    """Give the rows with an e-mail at the end of a path of relations."""
    for step in path:
        model = model._meta.get_field(step).related_model
    found: QuerySet[Any] = model._base_manager.filter(email=email)
    return found


def _any_of(names: tuple[str, ...], wanted: object) -> Q:
    return Q(*((name, wanted) for name in names), _connector=Q.OR)


def pretty(value: Any) -> SafeString:
    """Give a value as preformatted text; what is no text, as indented JSON."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="staff-text">{}</pre>', text)
