"""The schema's examples. A test sends each to a running server, and holds the answers to them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
FILE = Path(__file__).with_name("examples.yaml")


@cache
def read() -> dict[str, Json]:
    """Give by operation id the `request`, and the `answers` by status."""
    found: dict[str, Json] = yaml.safe_load(FILE.read_text())
    return found


def put_into(operation: Json) -> None:
    """Put an operation's examples beside the shapes that they are examples of."""
    told = read().get(operation["operationId"], {})
    for media in _json_of(operation.get("requestBody", {})):
        if "request" in told:
            media["example"] = told["request"]
    for status, example in told.get("answers", {}).items():
        for media in _json_of(operation["responses"][str(status)]):
            media["example"] = example


def _json_of(part: Json) -> Iterator[Json]:
    yield from (media for kind, media in part.get("content", {}).items() if kind.endswith("json"))
