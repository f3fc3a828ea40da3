"""Random books of all services, and what they come to when simply counted."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model

from delivery.models import Courier, Delivery
from kitchen.models import KitchenOrder, Station, Ticket
from orders.models import ENDED, Order, OrderLine

DISHES = {"MARGHERITA": "9.50", "SALAD": "7.25", "COLA": "2.80", "SOUP": "5.00"}
REASONS = ("", "changed my mind", "too  slow ", "=1+1")
LOST = {"cancelled", "rejected", "delivery_failed"}


@dataclass
class Books:
    """Rows as they were made, to be counted by hand."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    ended: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)


def id_of(at: datetime, chance: random.Random) -> UUID:
    """Give a UUIDv7 of a moment."""
    number = int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62
    return UUID(int=number | chance.getrandbits(62) | chance.getrandbits(12) << 64)


def fill(start: datetime, end: datetime, *, count: int, seed: int) -> Books:
    """Write so many orders, placed at any time between, with everything that became of them."""
    chance, books = random.Random(seed), Books()
    stations = [Station.objects.create(code=code, name=code.title()) for code in ("oven", "bar")]
    couriers = [Courier.objects.create(name=name, on_shift=True) for name in ("Ana", "Ben")]
    moments = sorted(start + (end - start) * chance.random() for _ in range(count))
    for number, at in enumerate(moments, 1):
        _order(books, number, at, chance, stations, couriers)
    _write(books)
    return books


def _order(
    books: Books,
    number: int,
    at: datetime,
    chance: random.Random,
    stations: list[Station],
    couriers: list[Courier],
) -> None:
    status = chance.choice(["delivered"] * 7 + [*LOST, "cooking"])
    public_id, ends = id_of(at, chance), at + timedelta(minutes=chance.uniform(5, 90))
    skus = chance.sample(sorted(DISHES)[:3], chance.randint(1, 3))
    lines: list[dict[str, Any]] = [
        {
            "order_id": number,
            "sku": sku,
            "name": sku.title(),
            "quantity": chance.randint(1, 3),
            "unit_price": Decimal(DISHES[sku]),
            "station": "oven",
            "preparation_seconds": 60,
        }
        for sku in skus
    ]
    total = sum((line["quantity"] * line["unit_price"] for line in lines), Decimal(0))
    rank = ENDED if status in {*LOST, "delivered"} else 20
    books.orders.append(
        {
            "id": number,
            "public_id": public_id,
            "customer_id": public_id,
            "status": status,
            "status_rank": rank,
            "currency": "EUR",
            "total": total,
            "address": "here",
            "created_at": at,
            "updated_at": ends,
        }
    )
    books.lines += lines
    reason = chance.choice(REASONS)
    if status in ("cancelled", "rejected"):
        books.ended.append(
            {
                "order_id": public_id,
                "number": number,
                "status": status,
                "reason": reason,
                "created_at": at,
                "updated_at": ends,
            }
        )
        return
    books.ended.append(
        {
            "order_id": public_id,
            "number": number,
            "status": "cooked",
            "created_at": at,
            "updated_at": ends,
        }
    )
    for station in chance.sample(stations, chance.randint(1, 2)):
        done = at + timedelta(seconds=chance.uniform(60, 1800))
        books.tickets.append(
            {
                "order_id": public_id,
                "station_id": station.pk,
                "status": "done",
                "lines": [],
                "preparation_seconds": 60,
                "queued_at": at,
                "started_at": at + timedelta(seconds=1),
                "done_at": done,
            }
        )
    if status == "cooking":
        return
    failed = status == "delivery_failed"
    books.deliveries.append(
        {
            "order_id": public_id,
            "number": number,
            "status": "failed" if failed else "delivered",
            "courier_id": chance.choice(couriers).pk,
            "dispatched_at": ends - timedelta(seconds=chance.uniform(30, 290)),
            "delivered_at": None if failed else ends,
            "failed_at": ends if failed else None,
            "failure_reason": reason if failed else "",
            "created_at": at,
            "updated_at": ends,
        }
    )


def _write(books: Books) -> None:
    tables: list[tuple[type[Model], list[dict[str, Any]]]] = [
        (Order, books.orders),
        (OrderLine, books.lines),
        (KitchenOrder, books.ended),
        (Ticket, books.tickets),
        (Delivery, books.deliveries),
    ]
    for model, rows in tables:
        model._default_manager.bulk_create(model(**row) for row in rows)


@dataclass
class Answer:
    """What a stretch of time comes to."""

    placed: int
    sold: int
    takings: Decimal
    dishes: dict[str, tuple[int, Decimal]]
    lost: dict[tuple[str, str], int]
    cooking: dict[str, list[float]]
    driving: dict[str, list[float]]
    by: dict[Any, int]


def count(books: Books, start: datetime, end: datetime, by: Callable[[datetime], Any]) -> Answer:
    """Count books by looking at every row."""
    placed = [o for o in books.orders if start <= o["created_at"] < end]
    sold = {o["id"]: o for o in placed if o["status"] not in LOST}
    dishes: dict[str, tuple[int, Decimal]] = {}
    for line in books.lines:
        if line["order_id"] in sold:
            quantity, amount = dishes.get(line["sku"], (0, Decimal(0)))
            more = line["quantity"]
            dishes[line["sku"]] = (quantity + more, amount + more * line["unit_price"])
    lost = Counter(
        (row["status"], row["reason"])
        for row in books.ended
        if row["status"] != "cooked" and start <= row["updated_at"] < end
    )
    lost += Counter(
        ("failed", row["failure_reason"])
        for row in books.deliveries
        if row["failed_at"] and start <= row["failed_at"] < end
    )
    return Answer(
        placed=len(placed),
        sold=len(sold),
        takings=sum((o["total"] for o in sold.values()), Decimal(0)),
        dishes=dishes,
        lost=dict(lost),
        cooking=_took(books.tickets, "station_id", "started_at", "done_at", start, end),
        driving=_took(books.deliveries, "courier_id", "dispatched_at", "delivered_at", start, end),
        by=dict(Counter(by(o["created_at"]) for o in placed)),
    )


def _took(
    rows: list[dict[str, Any]], whose: str, began: str, ended: str, start: datetime, end: datetime
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row[ended] and start <= row[ended] < end:
            found[str(row[whose])].append((row[ended] - row[began]).total_seconds())
    return {key: sorted(values) for key, values in found.items()}
