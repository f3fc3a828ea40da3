"""Pickers of roles and rights: a box for each, named in the reader's language.

Django keeps the names of rights in English, in rows, and its own picker is two lists that neither
those who use a keyboard nor those who hear the page can tell apart.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

# What may be done to rows of a model.
ACTIONS = {
    "add": gettext_lazy("Can add %(name)s"),
    "change": gettext_lazy("Can change %(name)s"),
    "delete": gettext_lazy("Can delete %(name)s"),
    "view": gettext_lazy("Can view %(name)s"),
}


class Boxes(UnfoldAdminCheckboxSelectMultipleWidget):
    """A box for each choice; what stands before the last "|" of their names is a heading."""

    template_name = "admin/rights.html"
    caption: Any = ""

    class Media:
        css = {"all": ["staff/rights.css"]}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "caption": self.caption}

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        groups: dict[str, list[Any]] = {}
        for _none, options, _index in super().optgroups(name, value, attrs):
            for option in options:
                heading, _line, option["label"] = str(option["label"]).rpartition(" | ")
                groups.setdefault(heading, []).append(option)
        return [(heading, options, i) for i, (heading, options) in enumerate(groups.items())]


class Rights:
    """Gives a page pickers of roles and rights."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        model = db_field.remote_field.model
        if model in (Group, Permission):
            options["widget"] = Boxes()
        if model is Permission:
            # A right's name needs its model's.
            options["queryset"] = Permission.objects.select_related("content_type")
        field = super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[misc]
        if field and model in (Group, Permission):
            field.widget.caption = field.label
        if field and model is Permission:
            field.label_from_instance = name_of
        return field


def name_of(right: Permission) -> str:
    """Give the service and what may be done in it, as "Orders | Can view order"."""
    model = right.content_type.model_class()
    if model is None:
        # Of a package that was taken away.
        return str(right)
    meta: Any = model._meta
    action, _dash, rest = right.codename.partition("_")
    if action in ACTIONS and rest == meta.model_name:
        may = ACTIONS[action] % {"name": meta.verbose_name}
    else:
        may = _(right.name)
    return f"{meta.app_config.verbose_name} | {may}"
