"""Rights in pickers, in the reader's language: Django keeps their names in English, in rows."""

from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# What may be done to rows of a model.
ACTIONS = {
    "add": gettext_lazy("Can add %(name)s"),
    "change": gettext_lazy("Can change %(name)s"),
    "delete": gettext_lazy("Can delete %(name)s"),
    "view": gettext_lazy("Can view %(name)s"),
}


class Rights:
    """Gives a page's pickers of rights names that its reader understands."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        is_ours = db_field.remote_field.model is Permission
        if is_ours:
            # A right's name needs its model's.
            options["queryset"] = Permission.objects.select_related("content_type")
        field = super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[misc]
        if field and is_ours:
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
