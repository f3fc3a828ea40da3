"""Shapes of answers: as they are sent, and not as a table's columns or a form would have them.

Where values may be added (docs/reference/versions.md), a closed `enum` would make generated clients
fail at the first: those sets are told as `x-extensible-enum`.
"""

from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]
OPEN: Final = "x-extensible-enum"
_MORE: Final = "Others may be added: show one that you do not know as it is."
_PREFIX: Final = "#/components/schemas/"
# Of columns and of forms: a label, bounds of an integer type, and who may write.
_OF_COLUMNS: Final = ("title", "readOnly", "minimum", "maximum", "maxLength", "pattern")


def complete(result: Json, components: Json) -> None:
    """Say that no member of an answer is ever missing, and nothing that only a column knows.

    Of errors this is not so: `errors` stands there only when parts of a request are to blame.
    """
    for name in _answered(result, components):
        shape = components[name]
        _open(shape)
        if "properties" in shape:
            shape["required"] = list(shape["properties"])
            for part in shape["properties"].values():
                _forget_column(part)


def _open(shape: Json) -> None:
    """Tell the values of a text without closing the set."""
    if values := shape.pop("enum", None):
        shape[OPEN] = values
        shape["description"] = f"One of {', '.join(map(str, values))}. {_MORE}"


def _forget_column(part: Json) -> None:
    # A serializer's own fields say what they mean: money has its pattern, and keeps it.
    if part.get("format") == "decimal":
        return
    for word in _OF_COLUMNS:
        part.pop(word, None)
    if part.get("format") == "int64":
        del part["format"]


def _answered(result: Json, components: Json) -> set[str]:
    """Name the components that answers are made of, and bodies are not."""
    answers, bodies = set[str](), set[str]()
    for path in result["paths"].values():
        for operation in path.values():
            good = [a for status, a in operation["responses"].items() if status < "300"]
            answers |= _named(good, components)
            bodies |= _named(operation.get("requestBody", {}), components)
    return answers - bodies


def _named(part: Any, components: Json) -> set[str]:
    """Name the components that a part of the schema refers to, directly or through others."""
    found = set[str]()
    waiting = list(_references(part))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(components[name])
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _references(each)
    elif isinstance(part, dict):
        reference = part.get("$ref", "")
        if isinstance(reference, str) and reference.startswith(_PREFIX):
            yield reference.removeprefix(_PREFIX)
        for each in part.values():
            yield from _references(each)
