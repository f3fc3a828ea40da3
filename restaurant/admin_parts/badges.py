"""Columns that show a state in colour."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from unfold.decorators import display

Column = Callable[[Any, Any], Any]
Text = str | Promise


def badge(field: str, colours: Mapping[str, str], *, title: Text) -> Column:
    """Give a column that shows a field's choice as a badge.

    `colours` maps a choice's value to Unfold's `info`, `success`, `warning`, `danger` or `primary`;
    a choice without one is grey.
    """

    def column(_page: Any, row: Any) -> Any:
        value = getattr(row, field)
        text = getattr(row, f"get_{field}_display")()
        # A pair whose first part has no colour would show its value, not its text.
        return (value, text) if value in colours else text

    column.__name__ = f"{field}_badge"
    shown: Column = display(description=title, ordering=field, label=dict(colours))(column)
    return shown


def flag(name: str, test: Callable[[Any], Text | None], colour: str, *, title: Text) -> Column:
    """Give a column that shows a coloured text while `test` gives one, and nothing otherwise."""

    def column(_page: Any, row: Any) -> Any:
        text = test(row)
        return (name, text) if text else None

    column.__name__ = name
    shown: Column = display(description=title, label={name: colour}, empty_value="")(column)
    return shown
