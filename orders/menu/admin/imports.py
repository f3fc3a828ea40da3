"""Import of the menu: a file is shown as what it would change, and then asked about."""

from typing import Any
from uuid import UUID

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from orders.errors import MenuMoved, MenuRefused
from orders.menu import formats, importing
from orders.menu.admin.pages import show, way
from orders.menu.changes import Change, Changes
from orders.models import MenuUpload, PriceChange
from restaurant.trail import person_of

ACCEPTED = ".csv,.xlsx,.yaml,.yml,.json"


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy("CSV, XLSX, YAML or JSON, at most 5 MB."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MOST_BYTES:
            raise ValidationError(_("The file is larger than 5 MB."))
        return file


class Imports:
    """Gives a page of dishes the import with its preview."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        """What a file adds and removes takes the permission to do that, asked when it is known."""
        return bool(self.has_change_permission(request))  # type: ignore[attr-defined]

    @way(gettext_lazy("Import"), path="import", right="import", icon="upload")
    def import_menu(self, request: HttpRequest) -> HttpResponse:
        """Take a file on POST, show it by its key on GET, bring it about on POST with the key."""
        key = request.POST.get("upload") or request.GET.get("upload")
        upload = _upload(request, key) if key else None
        if key and upload is None:
            messages.warning(request, _("That file is not there any more. Choose it again."))
            return HttpResponseRedirect(request.path)
        if upload is None:
            return self._choose_file(request)
        if request.method == "POST":
            return self._bring_upload(request, upload)
        return self._show_upload(request, upload)

    def _choose_file(self, request: HttpRequest) -> HttpResponse:
        sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
        problems: list[str] = []
        if sent and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                menu = formats.read(file.read(), name=file.name)
            except MenuRefused as refused:
                problems = refused.problems
            else:
                upload = MenuUpload.objects.create(
                    by_id=_id(request), name=file.name[:200], menu=menu, at=timezone.now()
                )
                return HttpResponseRedirect(f"{request.path}?upload={upload.pk}")
        return show(
            self,
            request,
            "orders/menu/import.html",
            title=_("Import the menu"),
            form=form,
            problems=problems,
        )

    def _show_upload(self, request: HttpRequest, upload: MenuUpload) -> HttpResponse:
        changes = importing.preview(upload.menu)
        return show(
            self,
            request,
            "orders/menu/import_preview.html",
            title=_("Import the menu"),
            upload=upload,
            changes=changes,
            kinds=_kinds(changes),
            prices=_prices(changes),
            lacking=_lacking(request, changes),
        )

    def _bring_upload(self, request: HttpRequest, upload: MenuUpload) -> HttpResponse:
        if _lacking(request, importing.preview(upload.menu)):
            raise PermissionDenied
        try:
            changes = importing.bring(
                upload.menu,
                by=person_of(request),
                via=PriceChange.Via.IMPORT,
                expected=request.POST.get("expected", ""),
            )
        except MenuMoved:
            text = _("The menu has changed meanwhile. This is what would happen now.")
            messages.warning(request, text)
            return HttpResponseRedirect(f"{request.path}?upload={upload.pk}")
        upload.delete()
        told = _("Imported: %(added)d added, %(changed)d changed, %(removed)d removed.")
        counts = {
            "added": len(changes.added),
            "changed": len(changes.changed),
            "removed": len(changes.removed),
        }
        messages.success(request, told % counts)
        return HttpResponseRedirect(reverse("admin:orders_menuitem_changelist"))


def _id(request: HttpRequest) -> UUID:
    user: Any = request.user
    id_: UUID = user.pk
    return id_


def _upload(request: HttpRequest, key: str) -> MenuUpload | None:
    """Give what this person uploaded under a key."""
    try:
        return MenuUpload.objects.filter(pk=key, by_id=_id(request)).first()
    except ValidationError:
        return None


def _kinds(changes: Changes) -> list[dict[str, Any]]:
    """Give the changes by kind, for people."""
    kinds = (
        ("add", _("Added"), "add_circle"),
        ("change", _("Changed"), "edit"),
        ("delete", _("Removed"), "do_not_disturb_on"),
    )
    return [
        {"kind": kind, "title": title, "icon": icon, "rows": [*map(_shown, changes.of(kind))]}
        for kind, title, icon in kinds
    ]


def _shown(change: Change) -> dict[str, Any]:
    """Give a change with its fields' names in the reader's language."""
    meta = apps.get_model("orders", change.model)._meta
    words = {"True": _("yes"), "False": _("no")}
    differences = [
        {
            "field": meta.get_field(one.field).verbose_name,
            "old": words.get(one.old, one.old),
            "new": words.get(one.new, one.new),
        }
        for one in change.differences
    ]
    return {"label": change.label, "differences": differences}


def _prices(changes: Changes) -> list[dict[str, Any]]:
    """Give the prices that become others."""
    return [
        {"label": row.label, "old": difference.old, "new": difference.new}
        for row in changes.of("change")
        for difference in row.differences
        if difference.field == "price"
    ]


def _lacking(request: HttpRequest, changes: Changes) -> list[str]:
    """Name what the changes take that this person may not do."""
    needed = {p for p in changes.permissions if not request.user.has_perm(p)}
    words = {
        "add": _("You may not add to the menu."),
        "change": _("You may not change the menu."),
        "delete": _("You may not remove anything from the menu."),
    }
    kinds = {permission.partition(".")[2].partition("_")[0] for permission in needed}
    return [words[kind] for kind in words if kind in kinds]
