"""Everything that is wrong with a body that does not fit its schema.

A body that fits is decoded by one compiled schema. One that does not is gone through again, part
by part, with the same types, so that the client is told of all its mistakes at once.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, NamedTuple, get_args

import msgspec
from msgspec import Struct, ValidationError

from restaurant.bodies.text import problem_of

# An answer is not to be much longer than the request.
MOST_MISTAKES = 100
# What a decoder raises where a body does not fit, or is no JSON at all.
MISFITS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Mistake(NamedTuple):
    """One thing that is wrong with a body: where (RFC 6901 pointer), which rule, in words."""

    pointer: str
    code: str
    detail: str


class NotJson(Exception):
    """The body is no JSON at all; the message says why, to the client."""


def parse(body: bytes) -> Any:
    """Read JSON of whatever shape. Raises `NotJson`."""
    try:
        return msgspec.json.decode(body)
    except MISFITS as error:
        raise NotJson(f"The body is not JSON: {error}") from None


def mistakes(value: Any, schema: type[Struct]) -> list[Mistake]:
    """Give what is wrong with a parsed body, in its order."""
    return list(islice(_of_object(value, schema, ""), MOST_MISTAKES))


def _of_object(value: Any, schema: type[Struct], pointer: str) -> Iterator[Mistake]:
    if not isinstance(value, dict):
        yield Mistake(pointer, "wrong_type", "must be an object")
        return
    fields = {field.name: field for field in msgspec.structs.fields(schema)}
    for name in sorted(value.keys() - fields.keys()):
        yield Mistake(f"{pointer}/{_escaped(name)}", "unknown_field", "is not a field here")
    for name, field in fields.items():
        if name in value:
            yield from _of_field(value[name], field.type, f"{pointer}/{name}")
        elif field.required:
            yield Mistake(f"{pointer}/{name}", "required", "is required")


def _of_field(value: Any, kind: Any, pointer: str) -> Iterator[Mistake]:
    part = _part_of(kind)
    if isinstance(value, list) and part is not None:
        limits = Annotated[list[Any], *kind.__metadata__]
        if mistake := _mistake(value, limits, pointer):
            yield mistake
            return
        for position, each in enumerate(value):
            yield from _of_object(each, part, f"{pointer}/{position}")
    elif mistake := _mistake(value, kind, pointer):
        yield mistake
    elif isinstance(value, str) and (problem := problem_of(value)):
        yield Mistake(pointer, "bad_text", problem)


def _part_of(kind: Any) -> type[Struct] | None:
    """Give the type of a list's members when they are objects themselves."""
    inner = get_args(next(iter(get_args(kind)), kind))
    return (
        inner[0] if inner and isinstance(inner[0], type) and issubclass(inner[0], Struct) else None
    )


class _Rule(NamedTuple):
    sign: str
    code: str


# How msgspec words a mistake → the code that clients are told.
_RULES = [
    _Rule("matching regex", "blank"),
    _Rule("`int` <=", "out_of_range"),
    _Rule("`int` >=", "out_of_range"),
    _Rule("of length", "wrong_length"),
    _Rule(", got", "wrong_type"),
]


def _mistake(value: Any, kind: Any, pointer: str) -> Mistake | None:
    try:
        msgspec.convert(value, kind)
    except ValidationError as error:
        told, _, place = str(error).partition(" - at `$")
        code = next((rule.code for rule in _RULES if rule.sign in told), "invalid")
        inner = re.sub(r"\[(\d+)\]", r"/\1", place.rstrip("`"))
        detail = "must not be blank" if code == "blank" else told[0].lower() + told[1:]
        return Mistake(pointer + inner, code, detail.replace("`", ""))
    return None


def _escaped(name: str) -> str:
    """Escape a name for a JSON pointer, and keep it short: it is whatever the client sent."""
    return name[:64].replace("~", "~0").replace("/", "~1")
