"""A small menu, an order from it, and people who send it."""

import uuid
from datetime import UTC, datetime
from typing import Any

from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MENU: dict[str, Any] = {
    "currency": "EUR",
    "categories": [
        {
            "name": "Pizza",
            "items": [
                {
                    "sku": "MARGHERITA",
                    "name": "Margherita",
                    "price": "9.50",
                    "station": "oven",
                    "prep_seconds": 480,
                    "option_groups": [
                        {
                            "name": "Size",
                            "min": 1,
                            "max": 1,
                            "options": [
                                {"sku": "SIZE-M", "name": "Medium", "price": "0.00"},
                                {"sku": "SIZE-L", "name": "Large", "price": "3.00"},
                            ],
                        },
                        {
                            "name": "Extra",
                            "max": 2,
                            "options": [
                                {"sku": "OLIVES", "name": "Olives", "price": "1.20"},
                                {"sku": "CHEESE", "name": "Cheese", "price": "1.50"},
                                {"sku": "NO-BASIL", "name": "No basil", "price": "-0.30"},
                            ],
                        },
                    ],
                }
            ],
        },
        {
            "name": "Drinks",
            "items": [
                {
                    "sku": "COLA",
                    "name": "Cola",
                    "price": "2.80",
                    "station": "bar",
                    "prep_seconds": 20,
                    "option_groups": [
                        {"name": "Ice", "options": [{"sku": "ICE", "name": "With ice"}]}
                    ],
                },
                {
                    "sku": "WATER",
                    "name": "Water",
                    "price": "2.00",
                    "station": "bar",
                    "prep_seconds": 10,
                    "available": False,
                },
            ],
        },
    ],
}
ORDER: dict[str, Any] = {
    "lines": [
        {"sku": "MARGHERITA", "quantity": 2, "options": ["SIZE-L"], "note": "no basil"},
        {"sku": "COLA", "quantity": 1},
    ],
    "address": "12 Canal Street",
    "note": "",
}


def user(*permissions: str) -> TokenUser:
    return TokenUser(
        id=uuid.uuid4(),
        session_id=uuid.uuid4(),
        roles=frozenset(),
        permissions=frozenset(permissions),
        is_staff=bool(permissions),
    )


def client_of(who: TokenUser) -> APIClient:
    client = APIClient()
    client.force_authenticate(who)  # type: ignore[arg-type]
    return client


def post(client: APIClient, body: Any = ORDER, **headers: str) -> Any:
    return client.post("/api/v1/orders/", body, format="json", headers=headers)
