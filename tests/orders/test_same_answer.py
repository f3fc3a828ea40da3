"""An order's first answer, made again from its stored rows, is the same to the byte.

So placing an order keeps no answer: its idempotency key and the order are enough.
"""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import placing, represent
from orders.api.views import _fixed
from orders.menu import compiled
from orders.models import Order
from orders.placing import Draft, Placed
from orders.pricing import PricedLine, PricedOrder
from orders.requests import OrderRequest
from restaurant.bodies.text import problem_of
from tests.orders.people import NOW

pytestmark = pytest.mark.django_db(databases=["orders"])

_ODD = st.sampled_from(['"', "\\", "/", "\u2028", "</script>", "\n", "\t", "\u00e9", "\U0001f355"])
texts = (
    st.lists(_ODD | st.text(max_size=5), max_size=6)
    .map("".join)
    .filter(lambda text: problem_of(text) is None)
)
prices = st.decimals(0, 9999, places=2)
# In the menu's order of keys: PostgreSQL keeps none, and gives shorter ones first.
options = st.tuples(texts, texts, texts, prices.map(str)).map(
    lambda values: dict(zip(("sku", "name", "group", "price"), values, strict=True))
)
lines = st.builds(
    PricedLine,
    sku=texts,
    name=texts,
    quantity=st.integers(1, 99),
    unit_price=prices,
    station=st.just("oven"),
    preparation_seconds=st.integers(0, 3600),
    note=texts,
    options=st.lists(options, max_size=3),
)
# A time without microseconds is written shorter.
times = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
rounded = times.map(lambda time: time.replace(microsecond=0))


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    found=st.lists(lines, min_size=1, max_size=4), address=texts, note=texts, now=times | rounded
)
def test_it_is_the_same_to_the_byte(
    menu: None, found: list[PricedLine], address: str, note: str, now: datetime
):
    total = sum((line.unit_price * line.quantity for line in found), Decimal("0.00"))
    token = compiled.current().token
    draft = Draft(
        customer_id=uuid.uuid4(),
        request=OrderRequest(lines=[], address=address, note=note),
        order=PricedOrder(token, "EUR", total, found, address, note),
        correlation_id="",
    )
    placed: Any = placing.commit([draft], now=now)[draft]
    assert isinstance(placed, Placed)
    first = represent.just_placed(_fixed(placed), placed.created_at)
    moved = {"status": "delivered", "status_rank": 60, "cancel_requested": True, "version": 9}
    Order.objects.filter(public_id=placed.id).update(**moved, updated_at=NOW, overdue_since=NOW)
    stored = Order.objects.prefetch_related("lines").get(public_id=placed.id)
    assert represent.just_placed(represent.fixed_part_of(stored), stored.created_at) == first
