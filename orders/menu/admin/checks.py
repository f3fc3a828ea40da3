"""The rules of a menu file, held by forms: what is wrong is shown at its field."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.forms import BaseForm

from orders.menu.problems import Path, Problem
from orders.menu.rules import problems_of
from orders.models import MenuItem

ITEM: Path = ("categories", 0, "items", 0)
# What stands for a part that has mistakes of its own, told elsewhere.
FINE_ITEM = {
    "sku": "FINE",
    "name": "Fine",
    "description": "",
    "price": "999999.00",
    "station": "fine",
    "prep_seconds": 0,
}
# A menu file's field → the form's, where they are not called alike.
_FIELDS = {"prep_seconds": "preparation_seconds"}


def problems_of_item(item: dict[str, Any]) -> list[Problem]:
    """Give what is wrong with an item, as a menu file has it."""
    categories = [{"name": "Fine", "items": [item]}]
    return problems_of({"currency": settings.CURRENCY, "categories": categories})


def problems_of_category(name: str) -> list[Problem]:
    """Give what is wrong with a category's name."""
    categories = [{"name": name, "items": []}]
    return problems_of({"currency": settings.CURRENCY, "categories": categories})


def field_of(name: str) -> str:
    """Name the form's field for a menu file's."""
    return _FIELDS.get(name, name)


def as_file(item: MenuItem, names: Iterable[str]) -> dict[str, Any]:
    """Give fields of an item as a menu file has them; those not named are fine."""
    found: dict[str, Any] = dict(FINE_ITEM)
    for name in names:
        value = getattr(item, field_of(name))
        if value is not None:
            found[name] = f"{value:f}" if name == "price" else value
    return found


def place(problem: Problem, form: BaseForm) -> bool:
    """Show a problem at its field of a form; tells whether the form has that field."""
    name = field_of(str(problem.path[-1]))
    if name not in form.fields:
        return False
    if name not in form.errors:
        form.add_error(name, sentence(problem))
    return True


def sentence(problem: Problem) -> str:
    """Say what is wrong without saying where: the form's field does."""
    if problem.twin is not None:
        return problem.told(lambda path: "").strip(": ")
    return problem.text
