"""In which order the schema tells of operations: as a day goes, and not by the alphabet."""

from typing import Any

from restaurant.openapi import examples

Json = dict[str, Any]


def put_in_order(result: Json) -> None:
    """Sort paths, and the methods of each, as `examples.yaml` has their operations."""
    places = {name: place for place, name in enumerate(examples.read())}

    def place(operation: Json) -> int:
        # What has no example yet comes last; a test asks for one.
        return places.get(operation["operationId"], len(places))

    def first(path: Json) -> int:
        return min(map(place, path.values()))

    for name, path in result["paths"].items():
        result["paths"][name] = dict(sorted(path.items(), key=lambda entry: place(entry[1])))
    result["paths"] = dict(sorted(result["paths"].items(), key=lambda entry: first(entry[1])))
