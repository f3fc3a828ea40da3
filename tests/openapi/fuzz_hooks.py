"""What schemathesis has to know of the house that it asks; loaded by its processes.

Today's menu is no part of the schema, and a cursor is the server's own: what is made up of either
fits the schema and is refused, rightly. So the dishes are named, and no cursor is made up. Nobody
waits for news either: no worker makes any.
"""

import json
import os
from typing import Any

import schemathesis

# Dishes that can be ordered as they are.
DISHES = json.loads(os.environ["FUZZ_DISHES"])
# Another one, which may be gone meanwhile.
ON_AND_OFF = "MARGHERITA"
NOT_MADE_UP = {"cursor", "wait"}


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    line = raw_schema["components"]["schemas"]["LineRequest"]["properties"]
    line["sku"]["enum"] = DISHES
    line["options"]["maxItems"] = 0
    for path in raw_schema["paths"].values():
        for operation in path.values():
            named = operation.get("parameters", [])
            operation["parameters"] = [one for one in named if one["name"] not in NOT_MADE_UP]
            for parameter in operation["parameters"]:
                if parameter["name"] == "sku":
                    parameter["schema"]["enum"] = [ON_AND_OFF]


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Write whole numbers without a point: to JSON Schema 2.0 is one, to the house it is none."""
    if isinstance(body, dict):
        return {name: map_body(context, part) for name, part in body.items()}
    if isinstance(body, list):
        return [map_body(context, part) for part in body]
    return int(body) if isinstance(body, float) and body.is_integer() else body
