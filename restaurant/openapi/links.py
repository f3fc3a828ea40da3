"""Where an answer leads on to: OpenAPI's links, by the ids of operations."""

from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]
_FIRST: Final = "$response.body#/results/0"
_ORDER: Final = (
    *("orders_retrieve", "orders_timeline_retrieve", "orders_events_list", "orders_cancel_create"),
)
_REFRESH: Final = {"refresh": "$response.body#/refresh"}
# Operation and status → the operation that is next → its parameters, or its body.
LINKS: Final[Mapping[tuple[str, str], Mapping[str, Json]]] = {
    ("auth_login", "200"): {
        "auth_refresh": {"requestBody": _REFRESH},
        "auth_logout": {"requestBody": _REFRESH},
    },
    ("orders_create", "201"): {
        name: {"parameters": {"order_id": "$response.body#/id"}} for name in _ORDER
    },
    ("orders_list", "200"): {name: {"parameters": {"order_id": f"{_FIRST}/id"}} for name in _ORDER},
    ("kitchen_tickets_list", "200"): {
        "kitchen_tickets_retrieve": {"parameters": {"id": f"{_FIRST}/id"}},
        "orders_retrieve": {"parameters": {"order_id": f"{_FIRST}/order_id"}},
    },
    ("kitchen_stations_list", "200"): {
        "kitchen_stations_retrieve": {"parameters": {"code": f"{_FIRST}/code"}},
    },
    ("delivery_deliveries_list", "200"): {
        "delivery_deliveries_retrieve": {"parameters": {"order_id": f"{_FIRST}/order_id"}},
    },
    ("delivery_couriers_list", "200"): {
        "delivery_couriers_retrieve": {"parameters": {"id": f"{_FIRST}/id"}},
    },
}


def put_into(operation: Json) -> None:
    """Put an operation's links into its answers."""
    for (source, status), targets in LINKS.items():
        if source == operation["operationId"]:
            operation["responses"][status]["links"] = {
                target: {"operationId": target, **given} for target, given in targets.items()
            }
