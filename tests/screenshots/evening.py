"""A Friday evening at half past seven, by way of the services, at times of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from delivery import services as delivery
from delivery.models import Courier, Delivery
from delivery.services import NewDelivery
from kitchen import services as kitchen
from kitchen.models import Station, Ticket
from kitchen.services import NewOrder, NewTicket
from orders.models import MenuItem
from restaurant.demo.house import furnish

COOK, DISPATCHER = "Ana", "Ben"
# Code → name, slow and late after so many minutes.
STATIONS = {
    "oven": ("Pizza oven", 8, 14),
    "grill": ("Grill", 10, 16),
    "fry": ("Fryers", 6, 10),
    "cold": ("Cold kitchen", 6, 12),
    "bar": ("Bar", 4, 8),
}
AUTOMATIC = {"bar"}

Dish = tuple[str, int, list[str], str]
# Minutes since it came, dishes (SKU, quantity, options, note), the order's note.
ORDERS: Sequence[tuple[float, Sequence[Dish], str]] = (
    (17.4, [("STEAK-RUMP", 2, ["Medium", "Pepper sauce"], ""), ("FRIES", 2, [], "")], ""),
    (12.8, [("DIAVOLA", 1, ["Large", "Chili"], "extra crispy, please"), ("LEMONADE", 2, [], "")],
     ""),
    (11.2, [("MARGHERITA", 2, ["Medium"], ""),
            ("SALAD-CAESAR", 1, ["Chicken"], "no anchovies: fish allergy")], ""),
    (9.6, [("QUATTRO-FORMAGGI", 1, ["Large"], ""), ("TIRAMISU", 2, [], "")],
     "Birthday: please write “Mia, 8” on the box."),
    (8.1, [("CHICKEN-LEMON", 1, [], ""), ("FRIES", 1, ["Mayonnaise"], ""),
           ("SALAD-GREEK", 1, [], "")], ""),
    (6.9, [("MARGHERITA", 1, ["Large", "Olives", "Rocket"], "cut into twelve")], ""),
    (5.5, [("BURGER-CLASSIC", 3, ["Well done", "Cheddar"], "no onions"),
           ("ONION-RINGS", 3, ["Aioli"], "")],
     "Severe nut allergy. Please keep everything apart."),
    (4.2, [("FUNGHI", 2, ["Medium"], ""), ("BEER", 2, [], "")], ""),
    (3.1, [("CALAMARI", 1, ["Aioli"], "lemon on the side")], ""),
    (2.4, [("PROSCIUTTO", 1, ["Medium"], ""), ("MARGHERITA", 1, ["Medium"], ""),
           ("CAPRESE", 2, [], "")], ""),
    (1.3, [("STEAK-RUMP", 1, ["Rare", "Béarnaise"], ""), ("ESPRESSO", 1, ["Oat milk"], "")], ""),
    (0.6, [("MARINARA", 4, ["Large"], "")], "Children's party"),
)  # fmt: skip
FIRST_NUMBER = 1042
STREETS = ("12 Canal Street", "3 Mill Lane", "48 Harbour Road, 2nd floor", "7 Old Market")


def lay_out(now: datetime) -> None:
    """Fill the services' databases, which must be migrated and empty, with a menu and staff too."""
    for code, (name, slow, late) in STATIONS.items():
        Station.objects.create(
            code=code,
            name=name,
            mode=Station.Mode.AUTOMATIC if code in AUTOMATIC else Station.Mode.MANUAL,
            warn_after_seconds=slow * 60,
            late_after_seconds=late * 60,
        )
    couriers = _hire()
    furnish()
    ids = [_take(index, *order, now=now) for index, order in enumerate(ORDERS)]
    _cook(ids, now)
    _deliver(couriers, now)


def _take(index: int, minutes: float, dishes: Sequence[Dish], note: str, *, now: datetime) -> UUID:
    by_station: dict[str, list[dict[str, Any]]] = {}
    menu = {item.sku: item for item in MenuItem.objects.all()}
    for sku, quantity, options, said in dishes:
        by_station.setdefault(menu[sku].station, []).append(
            {
                "sku": sku,
                "name": menu[sku].name,
                "quantity": quantity,
                "options": options,
                "note": said,
            }
        )
    order = NewOrder(
        order_id=uuid7(),
        number=FIRST_NUMBER + index,
        address=STREETS[index % len(STREETS)],
        note=note,
        correlation_id="",
        tickets=[NewTicket(code, lines, 420) for code, lines in by_station.items()],
    )
    with transaction.atomic(using="kitchen"):
        kitchen.take_orders(orders=[order], now=now - timedelta(minutes=minutes))
    return order.order_id


def _cook(ids: Sequence[UUID], now: datetime) -> None:
    def do(deed: Callable[..., Any], order: int, station: str, minutes: float) -> None:
        ticket = Ticket.objects.get(order=ids[order], station__code=station)
        deed(ticket_id=ticket.pk, now=now - timedelta(minutes=minutes), by=COOK)

    for order, station, started in (
        *((0, "grill", 15), (0, "fry", 8), (1, "oven", 9), (1, "bar", 6), (2, "oven", 8)),
        *((2, "cold", 9), (3, "oven", 7), (3, "cold", 6), (4, "grill", 5), (4, "cold", 5)),
        *((5, "oven", 3), (6, "grill", 3), (7, "bar", 2)),
    ):
        do(kitchen.start_ticket, order, station, started)
    for order, station, bumped in (
        *((0, "fry", 4), (2, "oven", 1.5), (3, "cold", 2), (4, "cold", 1), (1, "bar", 2.5)),
    ):
        do(kitchen.bump, order, station, bumped)
    kitchen.cancel_order(
        order_id=ids[8], reason="ordered twice by mistake", now=now - timedelta(seconds=40)
    )


def _hire() -> list[Courier]:
    return [
        Courier.objects.create(name=name, on_shift=shift, load_limit=4, mode=Courier.Mode.MANUAL)
        for name, shift in (("Amir", True), ("Bea", True), ("Carlos", True), ("Dana", False))
    ]


def _deliver(couriers: Sequence[Courier], now: datetime) -> None:
    ages = (31, 27, 24, 19, 15, 11, 9, 7, 5, 2)
    news = [
        NewDelivery(
            order_id=uuid7(),
            number=FIRST_NUMBER - len(ages) + index,
            address=STREETS[index % len(STREETS)],
            note="Leave it with the neighbour, ground floor." if index == 4 else "",
            correlation_id="",
        )
        for index, _ in enumerate(ages)
    ]
    for new, since in zip(news, ages, strict=True):
        with transaction.atomic(using="delivery"):
            delivery.plan_deliveries(deliveries=[new], now=now - timedelta(minutes=since))
    rows = list(Delivery.objects.order_by("id"))

    def do(deed: Callable[..., Any], index: int, since: float, **more: Any) -> None:
        deed(
            delivery_id=rows[index].pk,
            now=now - timedelta(minutes=since),
            by=DISPATCHER,
            **more,
        )

    for index, courier in enumerate((0, 1, 2, 0, 1, 2, 0)):
        do(delivery.assign, index, ages[index] - 1, courier_id=couriers[courier].pk)
    for index in (0, 1, 2, 3):
        do(delivery.pick_up, index, ages[index] - 3)
    do(delivery.deliver, 0, 14)
    do(delivery.fail, 1, 6, reason="nobody opened the door")
