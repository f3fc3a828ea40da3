"""Orders that only a later service knows."""

from collections.abc import Iterator
from typing import Any

from delivery.models import Delivery
from kitchen.models import KitchenOrder
from orders.models import Order
from restaurant.staff.audit.findings import Finding, Kind


def strangers(chunk: int) -> Iterator[Finding]:
    """Tell of orders in the kitchen's and the delivery's books that the orders' has not."""
    yield from _strangers(KitchenOrder.objects.order_by("order_id"), "the kitchen", chunk)
    yield from _strangers(Delivery.objects.order_by("order_id"), "delivery", chunk)


def _strangers(rows: Any, whose: str, size: int) -> Iterator[Finding]:
    rows = rows.values_list("order_id", "number")
    chunk = list(rows[:size])
    while chunk:
        numbers = dict(chunk)
        known = Order.objects.filter(public_id__in=list(numbers))
        for id_ in sorted(numbers.keys() - set(known.values_list("public_id", flat=True))):
            what = f"{whose} has it, and orders does not"
            yield Finding(Kind.MISSING, what, order_id=id_, number=numbers[id_])
        chunk = list(rows.filter(order_id__gt=chunk[-1][0])[:size])
