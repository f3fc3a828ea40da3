"""What parameters mean that many operations share."""

from typing import Any, Final

from restaurant.paging import NewestFirst

Json = dict[str, Any]
# Where an operation says something of its own, that stands.
_DESCRIPTIONS: Final = {
    "order_id": "The order's id.",
    "sku": "The dish's SKU, as on the menu.",
    "code": "The station's code.",
    "id": "The id, as the list gives it.",
}
# These are described by libraries, in their own words.
_SHARED: Final[dict[str, Json]] = {
    "cursor": {"description": "Where the page begins: from `next` or `previous`, never made up."},
    "page_size": {
        "description": f"How many a page has; {NewestFirst.page_size} if not said.",
        "schema": {"type": "integer", "minimum": 1, "maximum": NewestFirst.max_page_size},
    },
}
# The years of `restaurant.moments`: 1971 to 8999.
_MOMENT: Final = "^(197[1-9]|19[89][0-9]|[2-8][0-9]{3})-"


def put_into(operation: Json) -> None:
    """Say of each of an operation's parameters what it is."""
    for parameter in operation.get("parameters", []):
        parameter.update(_SHARED.get(parameter["name"], {}))
        if description := _DESCRIPTIONS.get(parameter["name"]):
            parameter.setdefault("description", description)
        shape = parameter["schema"]
        if shape.get("format") == "date-time":
            shape["pattern"] = _MOMENT
        elif parameter["in"] == "query" and shape == {"type": "string"}:
            # An empty one is left out instead.
            shape["minLength"] = 1
