"""What the services' list pages over HTTP have in common."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError as FormError
from django.http import HttpResponseBase
from django.utils.translation import gettext
from django_filters import rest_framework as filters  # type: ignore[import-untyped]
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.permissions import BasePermission, DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from restaurant.methods import SAFE

Method = Callable[..., HttpResponseBase]


class MayView(DjangoModelPermissions):
    """Lets in who has Django's `view` permission on the view's model; customers have none."""

    perms_map = {method: ["%(app_label)s.view_%(model_name)s"] for method in SAFE}


class MayPress(DjangoModelPermissions):
    """Lets in who has Django's `change` permission on the view's model, to what is POSTed to."""

    perms_map = {method: ["%(app_label)s.change_%(model_name)s"] for method in ("POST", "OPTIONS")}


class NoBody(Serializer[Any]):
    """Of what is only pressed: there is nothing to send."""


def press(
    permission: type[BasePermission] = MayPress,
    *,
    takes: type[Serializer[Any]] = NoBody,
    detail: bool = True,
    at: str | None = None,
) -> Callable[[Method], Method]:
    """Make a view set's method what a button POSTs to.

    Its address is below its object's, or the list's without `detail`: `at`, or the method's name.
    The view's own serializer is there that of the body, which OPTIONS tells of.
    """

    def decorate(method: Method) -> Method:
        # `action` would forget what `extend_schema` said.
        said = getattr(method, "kwargs", {})
        place: dict[str, Any] = {"detail": detail, "url_path": at, "serializer_class": takes}
        pressed: Method = action(
            methods=["post"], permission_classes=[permission], **place, **said
        )(method)
        return pressed

    return decorate


def one_of(names: Iterable[str]) -> str:
    """Say which values there are."""
    return gettext("Choose one of: %(names)s.") % {"names": ", ".join(names)}


class Filters(filters.FilterSet):  # type: ignore[misc]
    """A list's filters, which say of a value that there is not which ones there are."""

    # Those that are of use to who has a right alone: filters' names, and the right of each.
    rights: Mapping[str, str] = {}

    def get_form_class(self) -> Any:
        form = super().get_form_class()
        for field in form.base_fields.values():
            if names := [value for value, _label in getattr(field, "choices", ()) if value]:
                field.error_messages["invalid_choice"] = one_of(names)
        return form


class Sort(BaseFilterBackend):
    """Lets a client turn a list around: `?sort=oldest` for who works through it as a queue."""

    orders = {"newest": ("-id",), "oldest": ("id",)}

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        return queryset

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """Give the order of the pages: a cursor's own place is kept by the paginator."""
        asked = request.query_params.get("sort", "newest")
        if asked not in self.orders:
            raise ValidationError({"sort": one_of(self.orders)}, "invalid_choice")
        return self.orders[asked]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "sort",
                "in": "query",
                "required": False,
                "description": "Which comes first; `oldest` for a queue that is worked through.",
                "schema": {"type": "string", "enum": list(self.orders), "default": "newest"},
            }
        ]


class _Boolean(forms.NullBooleanField):
    def clean(self, value: Any) -> bool | None:
        if value not in ("true", "false", "", None):
            raise FormError(one_of(("true", "false")), "invalid_choice")
        return None if not value else value == "true"


class TrueOrFalse(filters.BooleanFilter):  # type: ignore[misc]
    """Takes `true` and `false`; the library's own takes anything, and then does nothing."""

    field_class = _Boolean

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.TextInput, **more)


class CommaSelect(forms.SelectMultiple):
    """Takes `?status=queued,cooking` as well as `?status=queued&status=cooking`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        # A browser's form sends one that was left empty. Between commas, nothing is no value.
        return [part for value in values if value for part in value.split(",")]
