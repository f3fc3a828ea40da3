"""Everything that is wrong with a body that does not fit its schema.

A body that fits is decoded by one compiled schema. One that does not is gone through again, part
by part, with the same types, so that the client is told of all its mistakes at once.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from restaurant.bodies import broken, words
from restaurant.bodies.text import problem_of

Body = TypeVar("Body", bound=Struct)
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
        raise NotJson(broken.why(body, error)) from None


def meant(value: Any, schema: type[Body]) -> Body:
    """Make of a parsed body without a mistake what it says.

    JSON has one kind of number, and 1.0 is a whole one; the compiled schema takes it for no other.
    """
    return msgspec.convert(_with_whole_numbers(value), schema)


def _with_whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_whole_numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def mistakes(value: Any, schema: type[Struct]) -> list[Mistake]:
    """Give what is wrong with a parsed body, in its order."""
    return list(islice(_of_object(value, schema, ""), MOST_MISTAKES))


def _of_object(value: Any, schema: type[Struct], pointer: str) -> Iterator[Mistake]:
    if not isinstance(value, dict):
        yield _of_type(value, dict, pointer)
        return
    fields = {field.name: field for field in msgspec.structs.fields(schema)}
    for name in sorted(value.keys() - fields.keys()):
        yield Mistake(f"{pointer}/{_escaped(name)}", "unknown_field", words.unknown())
    for name, field in fields.items():
        if name in value:
            yield from _of_part(value[name], field.type, f"{pointer}/{name}")
        elif field.required:
            yield Mistake(f"{pointer}/{name}", "required", words.required())


def _of_part(value: Any, kind: Any, pointer: str) -> Iterator[Mistake]:
    """Go through one part: `kind` is a type, or one annotated with its limits."""
    (limits,) = getattr(kind, "__metadata__", (Meta(),))
    bare = getattr(kind, "__origin__", kind) if hasattr(kind, "__metadata__") else kind
    plain = get_origin(bare) or bare
    if issubclass(plain, Struct):
        yield from _of_object(value, plain, pointer)
    elif not _is_of(value, plain):
        yield _of_type(value, plain, pointer)
    elif plain is list:
        yield from _of_list(value, get_args(bare)[0], limits, pointer)
    elif plain is int:
        yield from _of_number(value, limits, pointer)
    elif plain is str:
        yield from _of_text(value, limits, pointer)


def _is_of(value: Any, plain: type) -> bool:
    if plain is int:
        # 1.0 is a whole one: see `meant`.
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return is_whole and not isinstance(value, bool)
    return isinstance(value, plain)


def _of_type(value: Any, wanted: type, pointer: str) -> Mistake:
    if value is None:
        return Mistake(pointer, "null", words.null())
    return Mistake(pointer, "wrong_type", words.give(wanted))


def _of_list(value: list[Any], kind: Any, limits: Meta, pointer: str) -> Iterator[Mistake]:
    if limits.min_length is not None and len(value) < limits.min_length:
        yield Mistake(pointer, "too_short", words.shortest_list(limits.min_length))
    elif limits.max_length is not None and len(value) > limits.max_length:
        yield Mistake(pointer, "too_long", words.longest_list(limits.max_length))
    else:
        for position, each in enumerate(value):
            yield from _of_part(each, kind, f"{pointer}/{position}")


def _of_number(value: float, limits: Meta, pointer: str) -> Iterator[Mistake]:
    if limits.ge is None or limits.le is None:
        return
    if not limits.ge <= value <= limits.le:
        told = words.number_between(int(limits.ge), int(limits.le))
        yield Mistake(pointer, "out_of_range", told)


def _of_text(value: str, limits: Meta, pointer: str) -> Iterator[Mistake]:
    if _is_blank(value, limits):
        yield Mistake(pointer, "blank", words.blank())
    elif limits.max_length is not None and len(value) > limits.max_length:
        yield Mistake(pointer, "too_long", words.longest_text(limits.max_length))
    elif problem := problem_of(value):
        yield Mistake(pointer, "bad_text", problem)


def _is_blank(value: str, limits: Meta) -> bool:
    """Tell whether a text has to say something, and does not: patterns ask for no more here."""
    if limits.pattern is not None:
        return not re.search(limits.pattern, value)
    return bool(limits.min_length) and not value


def _escaped(name: str) -> str:
    """Escape a name for a JSON pointer, and keep it short: it is whatever the client sent."""
    return name[:64].replace("~", "~0").replace("/", "~1")
