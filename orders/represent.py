"""An order as the API shows it: JSON, put together of what never changes and what does.

The parts are kept apart so that the cache can replace the one without knowing the other. Money is
text with two decimal places, times are RFC 3339 in UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import msgspec

from orders.models import Order, TimelineEntry

_encode = msgspec.json.encode
# Stands between the two halves of a part; JSON text has no such byte.
SEAM = b"\0"


class Line(Protocol):
    """A line of an order, be it about to be written or read from the database."""

    @property
    def sku(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def note(self) -> str: ...
    @property
    def options(self) -> Sequence[Mapping[str, str]]: ...


def fixed_part(
    *,
    id_: UUID,
    number: int,
    currency: str,
    total: Decimal,
    lines: Iterable[Line],
    address: str,
    note: str,
    created_at: datetime,
) -> bytes:
    """Give what never changes of an order: all before its status, and all after."""
    before = _encode({"id": id_, "number": number})
    after = _encode(
        {
            "currency": currency,
            "total": total,
            "lines": [_line(line) for line in lines],
            "address": address,
            "note": note,
            "created_at": created_at,
        }
    )
    return before[:-1] + SEAM + after[1:-1]


def fixed_part_of(order: Order) -> bytes:
    """Give what never changes of a stored order."""
    return fixed_part(
        id_=order.public_id,
        number=order.pk,
        currency=order.currency,
        total=order.total,
        lines=order.lines.all(),
        address=order.address,
        note=order.note,
        created_at=order.created_at,
    )


def live_part(*, status: str, cancel_requested: bool, updated_at: datetime) -> bytes:
    """Give what changes of an order: its status, and when it last changed."""
    now = _encode({"status": status, "cancel_requested": cancel_requested})
    return now[1:-1] + SEAM + _encode({"updated_at": updated_at})[1:]


def live_part_of(order: Order) -> bytes:
    """Give what changes of a stored order."""
    return live_part(
        status=order.status,
        cancel_requested=order.cancel_requested,
        updated_at=order.updated_at,
    )


def whole(fixed: bytes, live: bytes) -> bytes:
    """Put an order's JSON together."""
    before, after = fixed.split(SEAM)
    status, updated_at = live.split(SEAM)
    return b",".join((before, status, after, updated_at))


def just_placed(fixed: bytes, created_at: datetime) -> bytes:
    """Give an order's JSON as it was when it was placed, whatever became of it since."""
    status = Order.Status.PLACED
    live = live_part(status=status, cancel_requested=False, updated_at=created_at)
    return whole(fixed, live)


def order(order: Order) -> bytes:
    """Give a stored order's JSON."""
    return whole(fixed_part_of(order), live_part_of(order))


def page(orders: Iterable[bytes], next_: str | None, previous: str | None) -> bytes:
    """Give a list's JSON: a page of orders, and the addresses of the pages around it."""
    links = _encode({"next": next_, "previous": previous})
    return b"".join((links[:-1], b',"results":[', b",".join(orders), b"]}"))


def timeline(entries: Iterable[TimelineEntry]) -> bytes:
    """Give a timeline's JSON: a list, oldest first."""
    return _encode([_happened(e.type, e.status, e.at, e.detail) for e in entries])


def event(
    sequence: int, type_: str, status: str, at: datetime, detail: Any, order_status: str
) -> bytes:
    """Give the JSON of a timeline's entry as those who follow the order are told it."""
    happened = _happened(type_, status, at, detail)
    return _encode({"sequence": sequence, **happened, "order_status": order_status})


def _happened(type_: str, status: str, at: datetime, detail: Any) -> dict[str, Any]:
    return {"type": type_, "status": status or None, "at": at, "detail": detail}


def availability(sku: str, name: str, *, available: bool, changed: bool) -> bytes:
    """Give the JSON of what became of a dish's availability."""
    return _encode({"sku": sku, "name": name, "available": available, "changed": changed})


def _line(line: Line) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "options": line.options,
        "unit_price": line.unit_price,
        "total": line.unit_price * line.quantity,
        "note": line.note,
    }
