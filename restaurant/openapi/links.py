"""Where an answer leads on to: OpenAPI's links, by the ids of operations."""

from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]
_FIRST: Final = "$response.body#/results/0"
_ORDER: Final = (
    *("orders_retrieve", "orders_retrieve_timeline", "orders_list_events", "orders_cancel"),
)
_TICKET: Final = (
    "kitchen_tickets_retrieve",
    *(f"kitchen_tickets_{move}" for move in ("start", "bump", "recall", "acknowledge")),
)
_STATION: Final = (
    "kitchen_stations_retrieve",
    *(f"kitchen_stations_{move}" for move in ("open", "close")),
)
_DELIVERY: Final = (
    "delivery_deliveries_retrieve",
    *(f"delivery_deliveries_{move}" for move in ("pick_up", "deliver", "fail")),
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
        **{name: {"parameters": {"id": f"{_FIRST}/id"}} for name in _TICKET},
        "orders_retrieve": {"parameters": {"order_id": f"{_FIRST}/order_id"}},
    },
    ("kitchen_stations_list", "200"): {
        name: {"parameters": {"code": f"{_FIRST}/code"}} for name in _STATION
    },
    ("delivery_deliveries_list", "200"): {
        name: {"parameters": {"order_id": f"{_FIRST}/order_id"}} for name in _DELIVERY
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
