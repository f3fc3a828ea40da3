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

Dish = tuple[str, int, str, list[str], str]
# Minutes since it came, dishes (name, quantity, station, options, note), the order's note.
ORDERS: Sequence[tuple[float, Sequence[Dish], str]] = (
    (17.4, [("Bistecca", 2, "grill", ["medium rare"], ""), ("Fries", 2, "fry", [], "")], ""),
    (12.8, [("Diavola", 1, "oven", ["Large", "Chili"], "extra crispy, please"),
            ("Lemonade", 2, "bar", [], "")], ""),
    (11.2, [("Margherita", 2, "oven", ["Medium"], ""), ("Caesar salad", 1, "cold", [],
            "no anchovies: fish allergy")], ""),
    (9.6, [("Quattro formaggi", 1, "oven", ["Large"], ""), ("Tiramisù", 2, "cold", [], "")],
     "Ring at the back door, the bell in front is broken."),
    (8.1, [("Half chicken", 1, "grill", ["spicy"], ""), ("Fries", 1, "fry", ["with mayo"], ""),
           ("Coleslaw", 1, "cold", [], "")], ""),
    (6.9, [("Margherita", 1, "oven", ["Large", "Olives", "Rocket"], "cut into twelve")], ""),
    (5.5, [("Burger", 3, "grill", ["well done", "no onions"], ""), ("Onion rings", 3, "fry", [],
           "")], "Severe nut allergy. Please keep everything apart."),
    (4.2, [("Funghi", 2, "oven", ["Medium"], ""), ("Spritz", 2, "bar", [], "")], ""),
    (3.1, [("Calamari", 1, "fry", [], "lemon on the side")], ""),
    (2.4, [("Prosciutto", 1, "oven", ["Medium"], ""), ("Margherita", 1, "oven", ["Medium"], ""),
           ("Insalata mista", 2, "cold", ["balsamico"], "")], ""),
    (1.3, [("Bistecca", 1, "grill", ["rare"], ""), ("Red wine", 1, "bar", ["0.2 l"], "")], ""),
    (0.6, [("Marinara", 4, "oven", ["Large"], "")], "Children's birthday"),
)  # fmt: skip
FIRST_NUMBER = 1042
STREETS = ("12 Canal Street", "3 Mill Lane", "48 Harbour Road, 2nd floor", "7 Old Market")


def lay_out(now: datetime) -> None:
    """Fill the kitchen's and the delivery's databases, which must be migrated and empty."""
    for code, (name, slow, late) in STATIONS.items():
        Station.objects.create(
            code=code,
            name=name,
            mode=Station.Mode.AUTOMATIC if code in AUTOMATIC else Station.Mode.MANUAL,
            warn_after_seconds=slow * 60,
            late_after_seconds=late * 60,
        )
    ids = [_take(index, *order, now=now) for index, order in enumerate(ORDERS)]
    _cook(ids, now)
    _deliver(now)


def _take(index: int, minutes: float, dishes: Sequence[Dish], note: str, *, now: datetime) -> UUID:
    by_station: dict[str, list[dict[str, Any]]] = {}
    for name, quantity, station, options, said in dishes:
        sku = name.upper().replace(" ", "-")
        by_station.setdefault(station, []).append(
            {"sku": sku, "name": name, "quantity": quantity, "options": options, "note": said}
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


def _deliver(now: datetime) -> None:
    couriers = [
        Courier.objects.create(name=name, on_shift=shift, load_limit=4, mode=Courier.Mode.MANUAL)
        for name, shift in (("Amir", True), ("Bea", True), ("Carlos", True), ("Dana", False))
    ]
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
