"""What the schema says of every operation alike; drf-spectacular's last hook."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from restaurant import problems
from restaurant.openapi import answered, examples, links, parameters, reading, telling
from restaurant.problems.schema import phrase_of

Json = dict[str, Any]
PROBLEM: Json = {"$ref": "#/components/schemas/Problem"}
# What drf-spectacular puts beside a text with a pattern that may be blank.
BLANK: Json = {"type": "string", "maxLength": 0}
_CHALLENGE: Json = {
    "WWW-Authenticate": {
        "description": "How to say who is asking (RFC 9110, 11.6.1).",
        "schema": {"type": "string"},
    }
}
_HEADERS = {
    HTTPStatus.UNAUTHORIZED: _CHALLENGE,
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
}


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
    for operation in operations(result):
        _close_body(operation, components)
        _complete_answers(operation)
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


def _complete_answers(operation: Json) -> None:
    answers = operation["responses"]
    for status in _statuses(operation):
        answers.setdefault(str(status.value), {})
    for text, answer in answers.items():
        status = HTTPStatus(int(text))
        answer["description"] = answer.get("description") or phrase_of(status)
        if status >= HTTPStatus.BAD_REQUEST:
            answer["content"] = {problems.MEDIA_TYPE: {"schema": PROBLEM}}
            answer.setdefault("headers", {}).update(_HEADERS.get(status, {}))
    operation["responses"] = dict(sorted(answers.items()))


def _statuses(operation: Json) -> Iterator[HTTPStatus]:
    """Give the errors that do not depend on what the view does."""
    # Of a query parameter that it does not know.
    yield HTTPStatus.BAD_REQUEST
    yield HTTPStatus.NOT_ACCEPTABLE
    if operation.get("security"):
        yield HTTPStatus.UNAUTHORIZED
        # The accounts are out of reach.
        yield HTTPStatus.SERVICE_UNAVAILABLE
    if "requestBody" in operation:
        yield HTTPStatus.LENGTH_REQUIRED
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
