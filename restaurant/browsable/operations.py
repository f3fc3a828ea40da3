"""What the API's schema says of the operations at an address."""

import json
import re
from functools import cache
from typing import Any

from restaurant.openapi import generated

Json = dict[str, Any]


def operations_at(route: str) -> dict[str, Json]:
    """Give a route's operations by method, as "post"; none of what the schema does not tell of."""
    return _operations().get(_nameless(f"/{route}"), {})


def takes_body(operation: Json) -> bool:
    """Tell whether there is something to send, beside the request itself."""
    return "requestBody" in operation


def asks_who(operation: Json) -> bool:
    """Tell whether a token must be sent along."""
    return bool(operation.get("security"))


def example_of(operation: Json) -> str:
    """Give the example of an operation's body, as JSON over several lines; empty without a body."""
    if not takes_body(operation):
        return ""
    example = operation["requestBody"]["content"]["application/json"]["example"]
    return json.dumps(example, indent=2, ensure_ascii=False)


@cache
def _operations() -> dict[str, dict[str, Json]]:
    paths = generated.schema("en")["paths"]
    return {_nameless(path): operations for path, operations in paths.items()}


def _nameless(path: str) -> str:
    """Leave out what parameters are called: Django and the schema name keys differently."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "{}", path)
