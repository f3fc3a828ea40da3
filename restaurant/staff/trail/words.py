"""The trail in people's words: names of actions, kinds and fields, and values fit to read."""

import json
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from restaurant.admin_parts.money import shown
from restaurant.trail.models import TrailEntry

EMPTY = "—"
# Fields that are amounts in the restaurant's currency.
MONEY = ("price", "unit_price", "total")
# What is no deed of a page; of these the titles name the buttons.
ACTIONS: dict[str, Any] = {
    "add": gettext_lazy("Added"),
    "change": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
    "acknowledge": gettext_lazy("Acknowledge"),
    "undo_end_shift": gettext_lazy("Undo end of shift"),
    "export": gettext_lazy("Export"),
    "run_tasks": gettext_lazy("Run selected tasks"),
    "enable_tasks": gettext_lazy("Enable selected tasks"),
    "disable_tasks": gettext_lazy("Disable selected tasks"),
    "toggle_tasks": gettext_lazy("Toggle activity of selected tasks"),
}
COLOURS = {"add": "success", "change": "info", "delete": "danger", "export": "warning"}
# What has entries and is no model.
PAGES: dict[str, Any] = {"staff.trail": gettext_lazy("Audit trail")}
SERVICES: dict[str, Any] = {
    "auth_grpc": gettext_lazy("Accounts"),
    "orders": gettext_lazy("Orders"),
    "kitchen": gettext_lazy("Kitchen"),
    "delivery": gettext_lazy("Delivery"),
}


def actions() -> dict[str, Any]:
    """Give the actions known here with their titles."""
    pages = admin.site._registry.values()
    deeds = {deed.name: deed.title for page in pages for deed in getattr(page, "deeds", ())}
    return {**deeds, **ACTIONS}


def action(name: str, known: dict[str, Any]) -> str:
    """Give an action's title; what is exported is named by its kind of file."""
    deed, _dash, form = name.partition("_")
    if deed == "export" and form:
        return f"{ACTIONS[deed]}: {form.upper()}"
    return str(known.get(name) or plain(name))


def plain(name: str) -> str:
    """Make a name of the code fit to read."""
    return capfirst(name.replace("_", " "))


def service(name: str) -> str:
    return str(SERVICES.get(name, name))


# Django's own look-up of a choice's text costs as much as the rest of a line.
VIA = dict(TrailEntry.Via.choices)


def via(value: str) -> str:
    return str(VIA.get(value, value))


def model_of(label: str) -> type[models.Model] | None:
    """Give a kind's model; None when this process has none of that name."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def kind(label: str) -> str:
    model = model_of(label)
    name = model._meta.verbose_name if model else PAGES.get(label)
    return capfirst(str(name)) if name else plain(label.rpartition(".")[2])


@cache
def _fields(model: type[models.Model] | None) -> dict[str, Any]:
    return {one.name: one for one in model._meta.get_fields()} if model else {}


def field_of(model: type[models.Model] | None, name: str) -> Any:
    """Give a model's field; None for what is recorded and is no field."""
    return _fields(model).get(name)


def label(field: Any, name: str) -> str:
    return capfirst(str(getattr(field, "verbose_name", ""))) or plain(name)


def value(field: Any, given: Any) -> str:
    """Give a recorded value as the reader's language and time zone write it."""
    if given is None or given in ("", [], {}):
        return EMPTY
    if isinstance(given, bool):
        return _("Yes") if given else _("No")
    if isinstance(given, dict) and given.keys() == {"key", "name"}:
        return str(given["name"])
    if isinstance(given, list) and all(isinstance(one, str | int) for one in given):
        return ", ".join(map(str, given))
    if isinstance(given, dict | list):
        return json.dumps(given, ensure_ascii=False)
    if field is not None and getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(given, given))
    if isinstance(field, models.DecimalField):
        # Money, but for where the sun's schedule is.
        return shown(Decimal(given)) if field.name in MONEY else formats.localize(Decimal(given))
    if isinstance(field, models.DateTimeField) and (at := parse_datetime(str(given))):
        return moment(at)
    return str(given)


def moment(at: Any) -> str:
    """Give a time in the restaurant's time zone, to the second."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S}"


def texts() -> dict[str, str]:
    """Give what each line says, translated once for all of them."""
    return {
        "theirs": _("What they did"),
        "its": _("What happened to it"),
        "all": _("All that changed"),
        "secret": _("set anew; not kept here"),
        "becomes": _("becomes"),
    }
