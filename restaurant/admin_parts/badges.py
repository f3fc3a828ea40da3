"""Columns that show a state in colour."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.utils import display_for_label

Column = Callable[[Any, Any], Any]
Text = str | Promise


class Shade(tuple[str, Text]):
    """A value and its text, as Unfold's lists colour it; a row's own page would show the pair."""

    colours: Mapping[str, str]

    def __html__(self) -> SafeString:
        shown: SafeString = display_for_label(tuple(self), "", dict(self.colours))
        return shown


def _shade(value: str, text: Text, colours: Mapping[str, str]) -> Shade:
    shade = Shade((value, text))
    shade.colours = colours
    return shade


def badge(field: str, colours: Mapping[str, str], *, title: Text) -> Column:
    """Give a column that shows a field's choice as a badge.

    `colours` maps a choice's value to Unfold's `info`, `success`, `warning`, `danger` or `primary`;
    a choice without one is grey.
    """

    def column(_page: Any, row: Any) -> Any:
        value = getattr(row, field)
        text = getattr(row, f"get_{field}_display")()
        # A pair whose first part has no colour would show its value, not its text.
        return _shade(value, text, colours) if value in colours else text

    column.__name__ = f"{field}_badge"
    shown: Column = display(description=title, ordering=field, label=dict(colours))(column)
    return shown


def flag(name: str, test: Callable[[Any], Text | None], colour: str, *, title: Text) -> Column:
    """Give a column that shows a coloured text while `test` gives one, and nothing otherwise."""

    def column(_page: Any, row: Any) -> Any:
        text = test(row)
        return _shade(name, text, {name: colour}) if text else None

    column.__name__ = name
    shown: Column = display(description=title, label={name: colour}, empty_value="")(column)
    return shown
