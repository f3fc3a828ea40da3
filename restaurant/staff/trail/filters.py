"""The form that says which entries are wanted."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from restaurant.staff import books
from restaurant.staff.trail import words
from restaurant.staff.trail.wanted import SERVICES, Wanted
from restaurant.trail.models import TrailEntry

Choices = list[tuple[str, Any]]
ANY: Choices = [("", _("Any"))]
# People suggested in the field for who it was; others can be typed.
SUGGESTED = 200


class _Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        classes = UnfoldAdminTextInputWidget().attrs["class"]
        super().__init__(attrs={"class": classes}, format="%Y-%m-%dT%H:%M")


def _text(**attrs: Any) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", **attrs})


class FilterForm(forms.Form):
    """Filters, from an address. Times are in the restaurant's time zone."""

    q = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=100,
        widget=_text(type="search", placeholder=_("A name, who it was, or why")),
    )
    who = forms.CharField(
        label=_("Who"), required=False, max_length=254, widget=_text(list="trail-people")
    )
    action = forms.ChoiceField(label=_("What"), required=False, widget=UnfoldAdminSelectWidget)
    kind = forms.ChoiceField(label=_("Kind"), required=False, widget=UnfoldAdminSelectWidget)
    object = forms.CharField(label=_("Key"), required=False, max_length=64, widget=_text())
    service = forms.ChoiceField(label=_("Service"), required=False, widget=UnfoldAdminSelectWidget)
    via = forms.ChoiceField(
        label=_("By way of"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=ANY + list(TrailEntry.Via.choices),
    )
    since = forms.DateTimeField(label=_("From"), required=False, widget=_Moment())
    until = forms.DateTimeField(label=_("To"), required=False, widget=_Moment())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = ANY + sorted(words.actions().items(), key=_by_title)  # type: ignore[attr-defined]
        self.fields["kind"].choices = ANY + _kinds()  # type: ignore[attr-defined]
        services = [(name, words.service(name)) for name in reversed(SERVICES)]
        self.fields["service"].choices = ANY + services  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if since and until and since >= until:
            self.add_error("until", _("This is not after the time it begins."))
        return found

    def wanted(self) -> Wanted:
        """Give what a valid form asks for."""
        given = dict(self.cleaned_data)
        who = given.pop("who").strip()
        return Wanted(text=given.pop("q"), who=who, who_id=_id_of(who), **given)

    @property
    def is_narrowed(self) -> bool:
        """Tell whether more than a text is asked for."""
        return any(self.data.get(name) for name in self.fields if name != "q")


def people() -> list[str]:
    """Give e-mails to suggest: of those who may be on the staff site."""
    if not books.has("auth_grpc"):
        return []
    staff = get_user_model()._default_manager.filter(is_staff=True, is_active=True)
    return [*staff.order_by("email").values_list("email", flat=True)[:SUGGESTED]]


def _id_of(email: str) -> Any:
    if not email or not books.has("auth_grpc"):
        return None
    users = get_user_model()._default_manager.filter(email=email.lower())
    return users.values_list("pk", flat=True).first()


def _kinds() -> Choices:
    """Give the kinds of rows that people can change here, by service."""
    found: dict[str, Choices] = {}
    models = [page.model for page in admin.site._registry.values()]
    for model in sorted(models, key=lambda one: str(one._meta.verbose_name)):
        app = apps.get_app_config(model._meta.app_label)
        label, name = model._meta.label_lower, capfirst(str(model._meta.verbose_name))
        found.setdefault(str(app.verbose_name), []).append((label, name))
    pages = [(label, capfirst(str(name))) for label, name in words.PAGES.items()]
    return [*sorted(found.items()), (str(_("Staff")), pages)]


def _by_title(pair: tuple[str, Any]) -> str:
    return str(pair[1])
