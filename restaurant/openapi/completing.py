"""What the schema says of every operation alike; drf-spectacular's last hook."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from restaurant import problems
from restaurant.openapi import (
    answered,
    examples,
    links,
    parameters,
    reading,
    refusals,
    telling,
)

Json = dict[str, Any]
# What drf-spectacular puts beside a text with a pattern that may be blank.
BLANK: Json = {"type": "string", "maxLength": 0}


def complete(result: Json, **_: Any) -> Json:
    """Give problems a name; add to operations what all answer, their links and examples."""
    # Of a process that serves no service's API there is nothing to tell.
    components = result.setdefault("components", {}).setdefault("schemas", {})
    components["Problem"] = problems.SCHEMA
    for component in components.values():
        _allow_blanks(component)
    for path in result["paths"].values():
        if "get" in path:
            reading.put_into(path["get"])
    shared = result["components"].setdefault("responses", {})
    for operation in operations(result):
        _close_body(operation, components)
        _complete_answers(operation, shared)
        parameters.put_into(operation)
        links.put_into(operation)
        examples.put_into(operation)
    answered.complete(result, components)
    telling.put_in_order(result)
    return result


def operations(schema: Json) -> Iterator[Json]:
    """Give every operation of a schema."""
    for path in schema["paths"].values():
        yield from (part for name, part in path.items() if name != "parameters")


def _allow_blanks(component: Json) -> None:
    """Say once that a text may be blank: of two branches that both fit it, neither holds."""
    for shape in component.get("properties", {}).values():
        if BLANK in (branches := shape.get("oneOf", [])):
            (text,) = (branch for branch in branches if branch != BLANK)
            del shape["oneOf"]
            shape |= text if re.search(text["pattern"], "") else {"anyOf": branches}


def _close_body(operation: Json, components: Json) -> None:
    """Say of a body that it may have no fields beside those named: all are read strictly."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        _close(media["schema"], components)


def _close(shape: Json, components: Json) -> None:
    if reference := shape.get("$ref"):
        shape = components[reference.rpartition("/")[2]]
    if "properties" in shape:
        shape["additionalProperties"] = False
    inner = [shape["items"]] if "items" in shape else []
    for part in (*shape.get("properties", {}).values(), *inner):
        _close(part, components)


def _complete_answers(operation: Json, shared: Json) -> None:
    refusals.put_into(operation, shared)
    answers = operation["responses"]
    for text, answer in answers.items():
        if "$ref" not in answer:
            answer["description"] = answer.get("description") or HTTPStatus(int(text)).phrase
    operation["responses"] = dict(sorted(answers.items()))
