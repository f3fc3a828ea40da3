"""What the past stands on: the house as it is, what is usually ordered, and who orders."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from auth_grpc.models import User
from delivery.models import Courier
from kitchen.models import Station
from orders.menu import compiled
from orders.pricing import PricedLine, PricedOrder, price
from orders.requests import OrderRequest
from restaurant.demo.carts import Carts
from restaurant.demo.customers import NAMES
from restaurant.demo.house import STAFF_DOMAIN
from restaurant.demo.past.moments import new_id

# Different meals; a million orders are of these, again and again.
MEALS = 2000
ORDERS_A_CUSTOMER = 20
YEAR = 365 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Part:
    """What one station cooks of a meal; `dishes` as JSON, as `Ticket.lines`."""

    station: Station
    dishes: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Meal:
    """Something to order: priced, as rows of its lines, and split into tickets."""

    order: PricedOrder
    lines: tuple[tuple[Any, ...], ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who orders; `id` is a UUID of 32 digits, `joined` seconds since 1970."""

    id: str
    name: str
    email: str
    joined: float


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that an order can be made of."""

    meals: Sequence[Meal]
    customers: Sequence[Customer]
    couriers: Sequence[Courier]
    cook: User
    dispatcher: User
    supporter: User


def ground(*, orders: int, begin: float, chance: Random) -> Ground:
    """Read the house, which must be furnished, and think of guests for so many orders.

    They have joined within the year before `begin`.
    """
    staff = {user.email: user for user in User.objects.filter(is_staff=True)}
    cook, dispatcher, supporter = (
        staff[f"{role}@{STAFF_DOMAIN}"] for role in ("kitchen", "dispatch", "support")
    )
    return Ground(
        meals=_meals(chance),
        customers=_customers(max(1, orders // ORDERS_A_CUSTOMER), begin, chance),
        couriers=list(Courier.objects.order_by("pk")),
        cook=cook,
        dispatcher=dispatcher,
        supporter=supporter,
    )


def _meals(chance: Random) -> list[Meal]:
    menu = compiled.current()
    carts = Carts(json.loads(menu.json))
    stations = {station.code: station for station in Station.objects.all()}
    wanted = (msgspec.convert(carts.usual(chance), OrderRequest) for _ in range(MEALS))
    return [_meal(price(request, menu), stations) for request in wanted]


def _meal(order: PricedOrder, stations: dict[str, Station]) -> Meal:
    by_station: dict[str, list[PricedLine]] = {}
    for line in order.lines:
        by_station.setdefault(line.station, []).append(line)
    return Meal(
        order,
        tuple(map(_line, order.lines)),
        tuple(_part(stations[code], lines) for code, lines in by_station.items()),
    )


def _line(line: PricedLine) -> tuple[Any, ...]:
    """Give a row of `orders.OrderLine`, but for its order."""
    return (
        *(line.sku, line.name, line.quantity, str(line.unit_price), line.station),
        *(line.preparation_seconds, line.note, json.dumps([dict(o) for o in line.options])),
    )


def _part(station: Station, lines: list[PricedLine]) -> Part:
    dishes = [
        {
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "options": [option["name"] for option in line.options],
            "note": line.note,
        }
        for line in lines
    ]
    return Part(station, json.dumps(dishes), max(line.preparation_seconds for line in lines))


def _customers(count: int, begin: float, chance: Random) -> list[Customer]:
    found = []
    for number in range(count):
        joined, name = begin - YEAR * (count - number) / count, NAMES[number % len(NAMES)]
        email = f"{name.lower()}{number}@customers.example"
        found.append(Customer(new_id(joined, chance), name, email, joined))
    return found


def uuid_of(id_: str) -> UUID:
    return UUID(hex=id_)
