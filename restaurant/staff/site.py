"""The staff site: Django's admin in Unfold's look, for the services this process serves."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.templatetags.static import static
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

SERVICES = {"auth_grpc", "orders", "kitchen", "delivery"}


def favicon(_request: HttpRequest) -> str:
    """Give the URL of the site's icon."""
    return static("staff/favicon.svg")


def styles(_request: HttpRequest) -> str:
    """Give the URL of the site's own style sheet."""
    return static("staff/staff.css")


def keys(_request: HttpRequest) -> str:
    """Give the URL of the script that hears the site's keys."""
    return static("staff/keys.js")


def broken(_request: HttpRequest) -> str:
    """Give the URL of the script that shows what a dialog was refused with."""
    return static("staff/broken.js")


class StaffSite(UnfoldAdminSite):
    """Holds the pages of the services in `SERVICES`; others' models are not registered."""

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], *args: Any, **options: Any
    ) -> None:
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        absent = SERVICES - set(settings.SERVICES)
        served = [model for model in models if model._meta.app_label not in absent]
        if served:
            super().register(served, *args, **options)

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Send each person to the page they work on."""
        # Imported here: the site is made before models can be.
        from restaurant.staff import refused, start

        address = start.address(request)
        return HttpResponseRedirect(address) if address else refused.nothing_yet(request)

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        from restaurant.staff.search import views

        return views.search(request)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> HttpResponseBase:
        """Answer who has no page of the app, in development too, in the site's look."""
        from restaurant.staff import refused

        try:
            return super().app_index(request, app_label, extra_context)  # type: ignore[no-any-return]
        except Http404 as error:
            return refused.not_found(request, error)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Have it in the audit trail that somebody chose another password."""
        from restaurant.trail import person_of, watch

        form: Callable[..., HttpResponseBase] = super().password_change
        if request.method != "POST":
            return form(request, extra_context)
        user = get_user_model()._default_manager.get(pk=str(request.user.pk))
        with watch(person_of(request), user, action="set_password", now=timezone.now()):
            return form(request, extra_context)

    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponseBase:
        """Answer an address without a page as `app_index` does."""
        from restaurant.staff import refused

        try:
            return super().catch_all_view(request, url)  # type: ignore[no-any-return]
        except Http404 as error:
            return refused.not_found(request, error)
