"""What the dashboard costs a restaurant with a long past: rollups beside counting its books."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.benchmarks import past
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.system import System

ORDERS = 1_000_000
AIM_MS = 150
LOOKS = 20
# One of the house's staff.
EMAIL = "manager@staff.example"
PERIODS = {"today": "Dashboard, today", "month": "Dashboard, 28 days"}


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Fill the books, roll them up, and open the page: server's time for all of it, warm."""
    orders = ORDERS // 20 if quick else ORDERS
    past.lay_out(system, count=orders)
    took = _milliseconds(_roll_up) / 1000
    client = _manager()
    past.freeze()
    figures = [
        _figure(f"{title}, {orders:,} orders", _looks(client, name), _counting(name))
        for name, title in PERIODS.items()
    ]
    again = median(_milliseconds(_roll_up) for _ in range(max(3, runs)))
    return [*figures, _rolling(took, again, orders)]


def _figure(what: str, looks: list[float], counting: float) -> Figure:
    half, most = percentile(looks, 50), percentile(looks, 95)
    return Figure(
        what=what,
        measured=f"p50 {half:.0f} ms, p95 {most:.0f} ms",
        baseline=f"its figures counted from the books: {counting:.0f} ms",
        ratio=f"{half / counting:.2f}",
        aim=f"≤ {AIM_MS} ms",
        is_reached=most <= AIM_MS,
    )


def _rolling(took: float, again: float, orders: int) -> Figure:
    return Figure(
        what="Rollup, each minute",
        measured=f"{again:.0f} ms",
        baseline=f"of {orders:,} orders, once: {took:.0f} s",
        ratio=f"{again / took / 1000:.4f}",
        aim="≤ 1 s",
        is_reached=again <= 1000,
    )


def _manager() -> Any:
    from django.test import Client

    from auth_grpc.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email=EMAIL))
    return client


def _looks(client: Any, name: str) -> list[float]:
    def look() -> None:
        answer = client.get("/admin/dashboard/", {"range": name})
        if answer.status_code != 200 or b"Not counted yet" in answer.content:
            raise RuntimeError(f"the dashboard answered {answer.status_code}, or was behind")

    for _ in range(3):
        look()
    return [_milliseconds(look) for _ in range(LOOKS)]


def _counting(name: str) -> float:
    """Count what the page shows as if there were no rollups: both periods, all three books."""
    from django.http import QueryDict
    from django.utils import timezone

    from restaurant.staff import books
    from restaurant.staff.dashboard import counting, period

    chosen = period.read(QueryDict(f"range={name}"), now=timezone.now())

    def count() -> None:
        for each in (chosen, chosen.before(until=chosen.end)):
            for service in books.PIPELINE:
                counting.count(service, each.start, each.end)

    return median(_milliseconds(count) for _ in range(3))


def _roll_up() -> None:
    from django.utils import timezone

    from restaurant.staff.dashboard import rollup

    rollup.catch_up(now=timezone.now())


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
