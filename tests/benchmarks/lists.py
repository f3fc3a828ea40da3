"""What the staff site's lists cost a restaurant with a long past: beside one with a short past.

Both restaurants are there at the same time, and are looked at in turns.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.benchmarks import past
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.system import System

FEW, MANY = 10_000, 1_000_000
AIM_RATIO, AIM_MS, AIM_ORDER_MS = 1.3, 150, 100
WARM, LOOKS, QUICK_LOOKS = 3, 20, 5
EMAIL = "admin@staff.example"
# The last page there is, of a list of many rows.
LAST = "200"


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Fill both, and open each page: server's time for all of it, warm."""
    from django.db import connections

    many = MANY // 20 if quick else MANY
    past.lay_out(system, count=FEW)
    connections.close_all()
    names = system.databases.copy("few")
    now = past.lay_out(system, count=many)
    looks = QUICK_LOOKS if quick else LOOKS
    houses = House(names), House()
    past.freeze()
    return [*compare(*houses, many_orders=many, looks=looks, now=now)]


class Look(NamedTuple):
    """How long the server took for a page, and how many rows of tables are on it."""

    milliseconds: float
    rows: int


class House:
    """A restaurant whose databases have other names than the settings say, and somebody there."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        from django.db import connections

        self._connections = {
            alias: type(connections[alias])(
                {**connections.settings[alias], **({"NAME": names[alias]} if names else {})}, alias
            )
            for alias in connections
        }
        with self.opened():
            self._client = _signed_in()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Have this thread meet the house's databases."""
        from django.db import connections

        before = {alias: connections[alias] for alias in connections}
        try:
            for alias, connection in self._connections.items():
                connections[alias] = connection
            yield
        finally:
            for alias, connection in before.items():
                connections[alias] = connection

    def look(self, address: str) -> Look:
        """Open a page."""
        with self.opened():
            began = time.perf_counter()
            answer = self._client.get(address)
            took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        return Look(took, answer.content.count(b"<tr"))

    def pages(self, now: datetime) -> dict[str, str]:
        """Give the addresses of what staff open, by what it is."""
        with self.opened():
            return {**_lists(), **_found(now), **_own()}


def compare(
    few: House, many: House, *, many_orders: int, looks: int, now: datetime
) -> Iterator[Figure]:
    """Look at each page of both houses in turns."""
    here, there = many.pages(now), few.pages(now)
    for what, address in here.items():
        pairs = [(few.look(there[what]), many.look(address)) for _ in range(WARM + looks)]
        short, long = zip(*pairs[WARM:], strict=True)
        yield _figure(f"{what}, {many_orders:,} orders", short, long)


def _figure(what: str, short: Sequence[Look], long: Sequence[Look]) -> Figure:
    before, now = ([look.milliseconds for look in looks] for looks in (short, long))
    aim = AIM_ORDER_MS if what.startswith("Order page") else AIM_MS
    ratio, most = percentile(now, 50) / percentile(before, 50), percentile(now, 95)
    # A longer page is no fair comparison, and is held to its time alone.
    is_alike = long[0].rows <= short[0].rows
    return Figure(
        what=what,
        measured=_told(now),
        baseline=f"{FEW:,} orders: {_told(before)}" + ("" if is_alike else ", fewer rows"),
        ratio=f"{ratio:.2f}",
        aim=(f"≤ {AIM_RATIO}, " if is_alike else "") + f"p95 ≤ {aim} ms",
        is_reached=(ratio <= AIM_RATIO or not is_alike) and most <= aim,
    )


def _told(milliseconds: Sequence[float]) -> str:
    half, most = percentile(milliseconds, 50), percentile(milliseconds, 95)
    return f"p50 {half:.0f} ms, p95 {most:.0f} ms"


def _signed_in() -> Any:
    from django.test import Client

    from auth_grpc.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email=EMAIL))
    return client


def _lists() -> dict[str, str]:
    from django.contrib import admin

    import restaurant.urls  # noqa: F401 - has the site look for its pages

    labels = sorted(model._meta.label for model in admin.site._registry)
    return {label: _list(label) for label in labels}


def _list(label: str, **query: str) -> str:
    from django.urls import reverse

    address = reverse(f"admin:{label.lower().replace('.', '_')}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def _found(now: datetime) -> dict[str, str]:
    """Give lists as they are searched and filtered, and as the dashboard leads to them."""
    from auth_grpc.models import User
    from delivery.models import Courier
    from orders.models import Order

    number = str(Order.objects.count() // 2)
    guest = User.objects.filter(is_staff=False).order_by("-pk")[0].email
    courier = str(Courier.objects.order_by("pk")[0].pk)
    day = {name: _between(name, now) for name in ("created_at", "at", "done_at", "delivered_at")}
    wanted: list[tuple[str, str, dict[str, str]]] = [
        ("orders.Order", "a number", {"q": number}),
        ("orders.Order", "cooking", {"status__exact": "cooking"}),
        ("orders.Order", "cancelled", {"status__exact": "cancelled"}),
        ("orders.Order", "rejected", {"status__exact": "rejected"}),
        ("orders.Order", "overdue", {"overdue": "yes"}),
        ("orders.Order", "cancel asked for", {"cancel_requested__exact": "1"}),
        ("orders.Order", "of a day", day["created_at"]),
        ("orders.Order", "cancelled on a day", {"status__exact": "cancelled", **day["created_at"]}),
        ("orders.Order", "last page", {"p": LAST}),
        ("orders.OrderLine", "an order's", {"q": number}),
        (
            "orders.OrderLine",
            "a dish of a day",
            {"q": "TIRAMISU", **_between("order__created_at", now)},
        ),
        ("orders.TimelineEntry", "an order's", {"q": number}),
        ("orders.TimelineEntry", "of a day", day["at"]),
        ("orders.TimelineEntry", "last page", {"p": LAST}),
        ("orders.OutboxMessage", "waits", {"published": "no"}),
        ("orders.InboxMessage", "of a day", _between("handled_at", now)),
        ("kitchen.KitchenOrder", "a number", {"q": number}),
        ("kitchen.KitchenOrder", "cancelled", {"status__exact": "cancelled"}),
        ("kitchen.KitchenOrder", "of a day", day["created_at"]),
        ("kitchen.Ticket", "an order's", {"q": number}),
        ("kitchen.Ticket", "queued", {"status__exact": "queued"}),
        ("kitchen.Ticket", "done on a day", day["done_at"]),
        ("kitchen.Ticket", "queued on a day", _between("queued_at", now)),
        ("delivery.Delivery", "a number", {"q": number}),
        ("delivery.Delivery", "failed", {"status__exact": "failed"}),
        ("delivery.Delivery", "a courier's", {"courier__id__exact": courier}),
        ("delivery.Delivery", "delivered on a day", day["delivered_at"]),
        ("delivery.Delivery", "of a day", day["created_at"]),
        ("auth_grpc.User", "an e-mail", {"q": guest}),
        ("auth_grpc.User", "staff", {"is_staff__exact": "1"}),
        ("auth_grpc.Session", "an e-mail", {"q": guest}),
        ("auth_grpc.RefreshToken", "an e-mail", {"q": guest}),
    ]
    return {f"{label}, {what}": _list(label, **query) for label, what, query in wanted}


def _between(field: str, now: datetime) -> dict[str, str]:
    """Give the filter of a day in the middle of the last week."""
    from django.utils import timezone

    end = timezone.localtime(now) - timedelta(days=3)
    start = end - timedelta(days=1)
    return {
        f"{field}_from_0": f"{start:%Y-%m-%d}",
        f"{field}_from_1": f"{start:%H:%M:%S}",
        f"{field}_to_0": f"{end:%Y-%m-%d}",
        f"{field}_to_1": f"{end:%H:%M:%S}",
    }


def _own() -> dict[str, str]:
    """Give the pages that are no model's."""
    from django.urls import reverse

    from orders.models import Order

    last = Order.objects.count()
    order = "admin:orders_order_change"
    trail = reverse("staff:trail")
    return {
        "Order page, of today": reverse(order, args=[last - 20]),
        "Order page, of long ago": reverse(order, args=[last // 2]),
        "Trail": trail,
        "Trail, somebody's": f"{trail}?{urlencode({'who': 'kitchen@staff.example'})}",
        "Trail, of tickets": f"{trail}?{urlencode({'kind': 'kitchen.ticket'})}",
        "Trail, a text": f"{trail}?{urlencode({'q': 'changed my mind'})}",
        "Dead letters": reverse("staff:dead_letters"),
    }
