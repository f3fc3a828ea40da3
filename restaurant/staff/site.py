"""The staff site: Django's admin in Unfold's look, for the services this process serves."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.templatetags.static import static
from unfold.sites import UnfoldAdminSite

SERVICES = {"auth_grpc", "orders", "kitchen", "delivery"}


def favicon(_request: HttpRequest) -> str:
    """Give the URL of the site's icon."""
    return static("staff/favicon.svg")


def styles(_request: HttpRequest) -> str:
    """Give the URL of the site's own style sheet."""
    return static("staff/staff.css")


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
