"""What in a newer schema of the API would break a client of an older one.

A client may send what it sent, and reads what it read. So what is taken may only grow, and what is
answered may only gain fields; `docs/reference/versions.md` says it for people. States (an enum that
is answered) may be added, since clients are told to expect it.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
# What a request's value must not exceed, or stay below of.
_CEILINGS = ("maxLength", "maximum", "maxItems")
_FLOORS = ("minLength", "minimum", "minItems")


def breaks(old: Json, new: Json) -> list[str]:
    """Tell every break, by operation and place."""
    return list(_Comparison(old, new).run())


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self.old, self.new = old, new

    def run(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, before in methods.items():
                place = f"{method.upper()} {path}"
                after = self.new["paths"].get(path, {}).get(method)
                if after is None:
                    yield f"{place} is gone"
                else:
                    yield from self._operation(place, before, after)

    def _operation(self, place: str, before: Json, after: Json) -> Iterator[str]:
        if before["operationId"] != after["operationId"]:
            yield f"{place}: its operationId changed, by which generated clients name it"
        if after.get("security") and not before.get("security"):
            yield f"{place} asks who it is"
        yield from self._parameters(place, _named(before), _named(after))
        yield from self._body(f"{place}, body", before, after)
        for status, told in before["responses"].items():
            if status.startswith("2"):
                yield from self._answer(f"{place}, {status}", told, after["responses"].get(status))

    def _parameters(self, place: str, before: Json, after: Json) -> Iterator[str]:
        for name, parameter in after.items():
            if parameter.get("required") and not before.get(name, {}).get("required"):
                yield f"{place}: parameter {name} is required"
        for name, parameter in before.items():
            if name not in after:
                yield f"{place}: parameter {name} is gone"
            else:
                where = f"{place}: parameter {name}"
                yield from self._taken(where, parameter["schema"], after[name]["schema"])

    def _body(self, place: str, before: Json, after: Json) -> Iterator[str]:
        old, new = before.get("requestBody"), after.get("requestBody")
        if new and new.get("required") and not (old and old.get("required")):
            yield f"{place} is required"
        if old:
            for kind, media in old["content"].items():
                if not new or kind not in new["content"]:
                    yield f"{place}: {kind} is not taken"
                else:
                    yield from self._taken(place, media["schema"], new["content"][kind]["schema"])

    def _answer(self, place: str, before: Json, after: Json | None) -> Iterator[str]:
        if after is None:
            yield f"{place} is not answered"
            return
        for kind, media in before.get("content", {}).items():
            if kind not in after.get("content", {}):
                yield f"{place}: {kind} is not answered"
            else:
                yield from self._given(place, media["schema"], after["content"][kind]["schema"])

    def _taken(self, place: str, old: Json, new: Json) -> Iterator[str]:
        """Compare what is sent: all that was taken is taken."""
        old, new = _whole(old, self.old), _whole(new, self.new)
        if lost := _types(old) - _types(new):
            yield f"{place} no longer takes {', '.join(sorted(lost))}"
            return
        yield from _narrowed(place, old, new)
        for name in set(new.get("required", [])) - set(old.get("required", [])):
            yield f"{place}/{name} is required"
        yield from self._parts(place, old, new, self._taken)

    def _given(self, place: str, old: Json, new: Json) -> Iterator[str]:
        """Compare what is read: all that was there is there, and of the same kind."""
        old, new = _whole(old, self.old), _whole(new, self.new)
        if more := _types(new) - _types(old):
            yield f"{place} may be {', '.join(sorted(more))}"
            return
        if old.get("format") != new.get("format"):
            yield f"{place} changed its format"
        for name in set(old.get("required", [])) - set(new.get("required", [])):
            yield f"{place}/{name} may be missing"
        yield from self._parts(place, old, new, self._given)

    def _parts(self, place: str, old: Json, new: Json, compare: Any) -> Iterator[str]:
        for name, part in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{place}/{name} is gone"
            else:
                yield from compare(f"{place}/{name}", part, new["properties"][name])
        if "items" in old and "items" in new:
            yield from compare(f"{place}/*", old["items"], new["items"])


def _narrowed(place: str, old: Json, new: Json) -> Iterator[str]:
    if "enum" in new and "enum" not in old:
        yield f"{place} takes certain values only"
    elif "enum" in new and (lost := set(old["enum"]) - set(new["enum"])):
        yield f"{place} no longer takes {', '.join(sorted(map(str, lost)))}"
    for word in ("pattern", "format"):
        if word in new and new[word] != old.get(word):
            yield f"{place} changed its {word}"
    for word in _CEILINGS:
        if word in new and new[word] < old.get(word, float("inf")):
            yield f"{place} has a lower {word}"
    for word in _FLOORS:
        if word in new and new[word] > old.get(word, float("-inf")):
            yield f"{place} has a higher {word}"


def _named(operation: Json) -> Json:
    return {parameter["name"]: parameter for parameter in operation.get("parameters", [])}


def _types(shape: Json) -> set[str]:
    told = shape.get("type", [])
    return set(told) if isinstance(told, list) else {told}


def _whole(shape: Json, schema: Json) -> Json:
    """Put a shape together of what it refers to; of alternatives, the types are joined."""
    if reference := shape.get("$ref"):
        found: Any = schema
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return _whole(found, schema)
    for part in shape.get("allOf", []):
        shape = {**_whole(part, schema), **shape}
    alternatives = [
        _whole(part, schema) for word in ("oneOf", "anyOf") for part in shape.get(word, [])
    ]
    if alternatives and "type" not in shape:
        types = sorted(set().union(*map(_types, alternatives)))
        merged = {name: value for part in alternatives for name, value in part.items()}
        enums = [value for part in alternatives for value in part.get("enum", [])]
        return {**merged, **shape, "type": types, **({"enum": enums} if enums else {})}
    return shape
