"""What the services' list pages over HTTP have in common."""

from typing import Any

from django import forms
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import DjangoModelPermissions


class MayView(DjangoModelPermissions):
    """Lets in who has Django's `view` permission on the view's model; customers have none."""

    perms_map = {
        method: ["%(app_label)s.view_%(model_name)s"] for method in ("GET", "HEAD", "OPTIONS")
    }


class NewestFirst(CursorPagination):
    """Pages by cursor: rows that come in meanwhile neither repeat nor hide others."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class CommaSelect(forms.SelectMultiple):
    """Takes `?status=queued,cooking` as well as `?status=queued&status=cooking`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [part for value in values for part in value.split(",") if part]
