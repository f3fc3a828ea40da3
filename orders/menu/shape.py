"""Whether a menu has the shape of `schema.json`, in words that staff can read."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, ValidationError

from orders.menu.problems import Problem

SCHEMA = Path(__file__).with_name("schema.json")


def misfits(menu: Any) -> Iterator[Problem]:
    """Give everything that the schema objects to, in the order of the file."""
    errors = sorted(_validator().iter_errors(menu), key=lambda e: [str(p) for p in e.absolute_path])
    for error in errors:
        yield Problem(tuple(error.absolute_path), _wording(error))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text()))


def _wording(error: ValidationError) -> str:
    """Say it in words of our own: the validator's are English, and would quote a pattern."""
    say = _WORDINGS.get(str(error.validator))
    return say(error) if say else error.message


def _needs(error: ValidationError) -> str:
    instance: Any = error.instance
    required: Any = error.validator_value
    missing = [name for name in required if name not in instance]
    return _("%(names)s must be given") % {"names": ", ".join(missing)}


def _strange(error: ValidationError) -> str:
    known = error.schema["properties"] if isinstance(error.schema, dict) else {}
    instance: Any = error.instance
    names = ", ".join(str(name) for name in instance if name not in known)
    return _("Additional properties are not allowed: %(names)s") % {"names": names}


def _unlike(error: ValidationError) -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    pattern = _("must match %(pattern)s") % {"pattern": schema.get("pattern")}
    if schema.get("pattern") == r"\S":
        pattern = _("must not be empty")
    rule = _(schema["description"]) if "description" in schema else pattern
    return _("%(value)r does not fit: %(rule)s") % {"value": error.instance, "rule": rule}


def _plain(template: Callable[[], str]) -> Callable[[ValidationError], str]:
    return lambda error: template() % {"value": error.instance, "limit": error.validator_value}


_WORDINGS: dict[str, Callable[[ValidationError], str]] = {
    "required": _needs,
    "additionalProperties": _strange,
    "anyOf": _unlike,
    "pattern": _unlike,
    "type": _plain(lambda: _("%(value)r is not of type %(limit)r")),
    "minimum": _plain(lambda: _("%(value)r is less than the minimum of %(limit)r")),
    "maximum": _plain(lambda: _("%(value)r is more than the maximum of %(limit)r")),
    "maxLength": _plain(lambda: _("is longer than %(limit)r characters")),
    "minItems": _plain(lambda: _("%(value)r has fewer than %(limit)r entries")),
}


def _translatable() -> tuple[str, ...]:
    """Name for `makemessages` the schema's descriptions that people are shown."""
    return (
        _('An amount with at most two decimal places; text, as "9.50", or a number.'),
        _("What an option adds to the price; may be negative."),
        _("The name that clients order by."),
        _("Code of the kitchen station that cooks it."),
    )
