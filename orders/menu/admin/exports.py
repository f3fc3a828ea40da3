"""Export of the menu, in each form that the import reads."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from orders.menu import formats
from orders.menu.admin.pages import way
from orders.menu.stored import as_file
from restaurant.trail import Target, person_of, record


class Exports:
    """Gives a page of dishes the exports, for everybody who may see it."""

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))  # type: ignore[attr-defined]

    @way("CSV", path="export/csv", right="export", icon="csv")
    def export_csv(self: Any, request: HttpRequest) -> HttpResponse:
        return _export(request, "csv")

    @way("XLSX", path="export/xlsx", right="export", icon="table")
    def export_xlsx(self: Any, request: HttpRequest) -> HttpResponse:
        return _export(request, "xlsx")

    @way(gettext_lazy("Menu file (YAML)"), path="export/yaml", right="export", icon="description")
    def export_yaml(self: Any, request: HttpRequest) -> HttpResponse:
        return _export(request, "yaml")

    @way(gettext_lazy("Menu file (JSON)"), path="export/json", right="export", icon="data_object")
    def export_json(self: Any, request: HttpRequest) -> HttpResponse:
        return _export(request, "json")


def _export(request: HttpRequest, kind: str) -> HttpResponse:
    form = formats.FORMATS[kind]
    now = timezone.now()
    name = f"menu-{timezone.localtime(now):%Y-%m-%d}.{kind}"
    record(
        person_of(request), Target("orders.menuitem", "", name), action=f"export_{kind}", now=now
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(form.write(as_file()), content_type=form.content_type, headers=headers)
