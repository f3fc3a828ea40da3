"""The schema that the code at hand serves, and what fits it."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.utils import translation
from jsonschema import Draft202012Validator

from restaurant.openapi.answered import OPEN

Json = dict[str, Any]


class Operation(NamedTuple):
    """One operation of the schema, and where it is."""

    path: str
    method: str
    told: Json

    @property
    def id(self) -> str:
        return str(self.told["operationId"])


@cache
def schema() -> Json:
    """Give the schema as `make reference` writes it."""
    from drf_spectacular.generators import SchemaGenerator

    with translation.override("en"):
        found: Json = SchemaGenerator().get_schema(request=None, public=True)
    return found


def operations() -> Iterator[Operation]:
    for path, methods in schema()["paths"].items():
        for method, told in methods.items():
            yield Operation(path, method, told)


def media_of(part: Json) -> Iterator[Json]:
    """Give the JSON media types of a request body, or of an answer."""
    yield from (media for kind, media in part.get("content", {}).items() if kind.endswith("json"))


def objects(part: Any) -> Iterator[Json]:
    """Give every object with members that a part of the schema tells of, inner ones too."""
    if isinstance(part, list):
        for each in part:
            yield from objects(each)
    elif isinstance(part, dict):
        if "$ref" in part:
            yield from objects(whole(part))
        elif part.get("type") == "object" and "properties" in part:
            yield part
        for name, each in part.items():
            if name not in ("example", "examples", "links"):
                yield from objects(each)


def whole(part: Json) -> Json:
    """Give a part of the schema, or the one that it refers to."""
    if "$ref" not in part:
        return part
    found: Any = schema()
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return {**found}


def misfits(value: Any, shape: Json) -> list[str]:
    """Tell where a value is not of a shape, or has fields that the schema does not name."""
    root = {**shape, "components": _closed(schema()["components"])}
    validator = Draft202012Validator(root, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _closed(part: Any) -> Any:
    """Refuse in objects what is not told of; answers may grow, but not before the schema does."""
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = {name: _closed(value) for name, value in part.items()}
    if OPEN in part:
        closed["enum"] = part[OPEN]
    if "properties" in part and part.get("type") == "object":
        closed.setdefault("unevaluatedProperties", False)
    return closed
