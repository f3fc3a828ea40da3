"""What a search finds, and whether the reader may see it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.apps import apps
from django.contrib import admin
from django.db import DatabaseError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from restaurant.staff import books
from restaurant.staff.navigation import GROUPS

log = structlog.get_logger()
T = TypeVar("T")
# Rows of one kind that are shown: who needs more searches in the list.
MOST = 5
ICONS = {label: icon for group in GROUPS for label, icon in group.pages.items()}


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of the results."""

    title: str
    description: str
    link: str
    icon: str = "arrow_forward"


def may_see(request: HttpRequest, label: str) -> bool:
    """Tell whether this process shows a model's rows (as "orders.Order"), and this person may."""
    app, _dot, _name = label.partition(".")
    model = apps.get_model(label)
    if not admin.site.is_registered(model) or not books.has(app):
        return False
    return bool(admin.site.get_model_admin(model).has_view_permission(request))


def rows(request: HttpRequest, label: str, found: QuerySet[Model]) -> Iterator[Hit]:
    """Give a line for each row found, up to `MOST`; none of what the person may not see."""
    if may_see(request, label):
        for row in answered(found[:MOST]):
            yield _hit(label, row)


def answered(found: Iterable[T]) -> list[T]:
    """Give the rows; none while their database does not answer, which hides no other's."""
    try:
        return list(found)
    except DatabaseError as error:
        log.warning("search_failed", error=str(error).partition("\n")[0])
        return []


def _hit(label: str, row: Model) -> Hit:
    meta = row._meta
    status = getattr(row, "get_status_display", str)()
    kind = str(meta.verbose_name).capitalize()
    return Hit(
        title=str(row),
        description=f"{kind} · {status}" if hasattr(row, "get_status_display") else kind,
        link=reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]),
        icon=ICONS.get(label, "arrow_forward"),
    )
