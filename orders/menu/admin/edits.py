"""Forms' writes of the menu, each held as one edit."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from orders.menu.editing import editing
from orders.models import PriceChange
from restaurant.trail import person_of


class Edits:
    """Holds the menu while a form of the page is read, judged and saved, or a row deleted."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._held("changeform_view", request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._held("delete_view", request, *args, **kwargs)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with editing(person_of(request), via=PriceChange.Via.ADMIN):
            super().delete_queryset(request, queryset)  # type: ignore[misc]

    def _held(self, name: str, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view: Callable[..., HttpResponse] = getattr(super(), name)
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with editing(person_of(request), via=PriceChange.Via.ADMIN):
            return view(request, *args, **kwargs)
