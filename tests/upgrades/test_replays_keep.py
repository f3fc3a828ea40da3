"""An order that was placed before an upgrade is answered after it as it was: byte for byte.

Its first answer is not kept, but made again of what is stored. Where an order gets a new field, the
answer for one that was placed without it must leave that out: the bytes are a release's, and stay.
"""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from orders.models import IdempotencyKey, Order, OrderLine
from tests.orders.people import client_of, post, user

# Committed, for the writer's connection: with a menu at hand, as from another test, it is asked.
pytestmark = pytest.mark.django_db(databases=["orders"], transaction=True)

RELEASED = Path(__file__).with_name("released_replay.json")
# Of REQUEST, as it was stored.
RELEASED_HASH = "650f5391ced8e9c7c0aa0292d0755aad"
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
REQUEST: dict[str, Any] = {
    "lines": [
        {"sku": "MARGHERITA", "quantity": 2, "options": ["SIZE-L", "OLIVES"], "note": "no basil"},
        {"sku": "COLA", "quantity": 1},
    ],
    "address": "12 Canal Street, 3\u00ba",
    "note": 'Ring "Ada"',
}
OPTIONS = [
    {"sku": "SIZE-L", "name": "Large", "group": "Size", "price": "3.00"},
    {"sku": "OLIVES", "name": "Olives", "group": "Extra", "price": "1.20"},
]


def store_as_released(customer_id: UUID) -> Order:
    """Write what a release wrote of the request, and what became of it since."""
    placed_at = datetime(2026, 11, 28, 18, 30, 5, 120_000, tzinfo=UTC)
    order = Order.objects.create(
        id=1042,
        public_id=UUID("01a22403-bbbb-7514-b7e9-ca0c18a3d5e3"),
        customer_id=customer_id,
        status=Order.Status.COOKING,
        status_rank=Order.Status.COOKING.rank,
        cancel_requested=True,
        currency="EUR",
        total=Decimal("30.20"),
        address=REQUEST["address"],
        note=REQUEST["note"],
        version=4,
        created_at=placed_at,
        updated_at=placed_at.replace(minute=40),
    )
    oven = {"station": "oven", "preparation_seconds": 480}
    bar = {"station": "bar", "preparation_seconds": 20}
    OrderLine.objects.create(
        order=order,
        sku="MARGHERITA",
        name="Margherita",
        quantity=2,
        unit_price=Decimal("13.70"),
        note="no basil",
        options=OPTIONS,
        **oven,
    )
    OrderLine.objects.create(
        order=order, sku="COLA", name="Cola", quantity=1, unit_price=Decimal("2.80"), **bar
    )
    IdempotencyKey.objects.create(
        customer_id=customer_id,
        key=KEY,
        request_hash=RELEASED_HASH,
        order_id=order.public_id,
        created_at=placed_at,
    )
    return order


def test_it_is_answered_with_the_bytes_of_the_release() -> None:
    ada = user()
    order = store_as_released(ada.id)
    answer = post(client_of(ada), REQUEST, **{"Idempotency-Key": KEY})
    assert (answer.status_code, answer["Idempotent-Replayed"]) == (201, "true")
    assert answer.content == RELEASED.read_bytes().rstrip(b"\n")
    assert answer["Location"].endswith(f"/api/v1/orders/{order.public_id}/")


def test_it_knows_the_request_however_it_is_written_and_no_other() -> None:
    ada = user()
    store_as_released(ada.id)
    spelt_out = {**REQUEST, "lines": [REQUEST["lines"][0], {**REQUEST["lines"][1], "note": ""}]}
    repeat = post(client_of(ada), spelt_out, **{"Idempotency-Key": KEY})
    assert repeat["Idempotent-Replayed"] == "true"
    other = post(client_of(ada), {**REQUEST, "note": "Ring"}, **{"Idempotency-Key": KEY})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
