"""What an update costs the kitchen's page: 300 open tickets, 20 events a second."""

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle
from typing import Any

from playwright.sync_api import CDPSession, Page, expect
from uuid_utils.compat import uuid7

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.system import System
from tests.browser import chromium
from tests.servers.wait import wait_until

TICKETS, RATE, SECONDS = 300, 20, 60
AIM_MS, AIM_GROWTH = 50, 1.1
EMAIL, PASSWORD = "cook@staff.example", "correct horse battery 7"
BOARD = "/admin/kitchen/board/"
OBSERVE = """
window.updates = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.name === "board-update") window.updates.push(entry.duration);
}).observe({ type: "measure" });
"""


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Start, bump and recall tickets while Chromium shows all of them."""
    seconds = 10 if quick else SECONDS
    system.reset()
    # Of its finders' files, and over plain HTTP, as on a development machine.
    system.run("auth", "web", "live", "kitchen", DEBUG="true", KAFKA_IS_EMBEDDED="false")
    _open_kitchen()
    with chromium.running() as browser:
        pages = chromium.Pages(browser, chromium.Errors())
        page = pages.log_in(f"http://127.0.0.1:{system.port}", EMAIL, PASSWORD, BOARD)
        page.get_by_text("Live", exact=True).wait_for()
        whole = _redraw(page)
        found = _watch(page, seconds)
        pages.close()
        if pages.errors:
            raise RuntimeError("\n".join(pages.errors))
    return _figures(whole, *found)


def _figures(
    whole: float, updates: list[float], script: float, before: float, after: float
) -> list[Figure]:
    half, most = percentile(updates, 50), max(updates)
    each = script * 1000 / len(updates)
    return [
        Figure(
            what=f"Board, {TICKETS} tickets, {RATE} events/s: an update",
            measured=f"p50 {half:.1f} ms, max {most:.1f} ms; all script {each:.1f} ms an update",
            baseline=f"the whole board drawn anew: {whole:.0f} ms",
            ratio=f"{half / whole:.2f}",
            aim=f"≤ {AIM_MS} ms",
            is_reached=max(most, each) <= AIM_MS,
        ),
        Figure(
            what=f"Board, memory after {len(updates)} updates",
            measured=f"{after / 1e6:.2f} MB",
            baseline=f"before: {before / 1e6:.2f} MB",
            ratio=f"{after / before:.2f}",
            aim=f"≤ {AIM_GROWTH}",
            is_reached=after <= before * AIM_GROWTH,
        ),
    ]


def _open_kitchen() -> None:
    """Hire a cook, and queue an order for each ticket at stations that nothing but hands move."""
    from django.db import transaction
    from django.utils import timezone

    from auth_grpc import services as accounts
    from auth_grpc.models import Role
    from kitchen import services
    from kitchen.models import Station
    from kitchen.services import NewOrder, NewTicket

    accounts.create_staff(email=EMAIL, password=PASSWORD, role=Role.KITCHEN, name="Ana")
    for code in ("oven", "grill", "bar"):
        Station.objects.create(code=code, name=code.title(), mode=Station.Mode.MANUAL)
    line = {"sku": "MARGHERITA", "name": "Margherita", "quantity": 2, "options": ["Large"]}
    orders = [
        NewOrder(
            order_id=uuid7(),
            number=number,
            address="12 Canal Street",
            note="",
            correlation_id="",
            tickets=[
                NewTicket(code, [{**line, "note": ""}], 420) for code in ("oven", "grill", "bar")
            ],
        )
        for number in range(TICKETS // 3)
    ]
    with transaction.atomic(using="kitchen"):
        services.take_orders(orders=orders, now=timezone.now())


def _redraw(page: Page) -> float:
    """Have the page draw everything anew; gives the milliseconds of script."""
    page.add_init_script(OBSERVE)
    page.reload()
    expect(page.locator(".card")).to_have_count(TICKETS)
    # Drawn by the server, and once more when the stream opens.
    found = wait_until(lambda: page.evaluate("window.updates"), seconds=30)
    return float(max(found))


def _watch(page: Page, seconds: int) -> tuple[list[float], float, float, float]:
    """Move tickets for so long; gives each update's milliseconds, seconds of script, and bytes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    _move(RATE * 2)
    page.wait_for_timeout(1000)
    page.evaluate("window.updates.length = 0")
    script, before = _script(devtools), _heap(devtools)
    _move(RATE * seconds)
    page.wait_for_timeout(1000)
    updates = page.evaluate("window.updates")
    return updates, _script(devtools) - script, before, _heap(devtools)


def _move(count: int) -> None:
    """Bump and recall one ticket after the other, so many times, at the rate."""
    from django.utils import timezone

    from kitchen import services
    from kitchen.models import Ticket

    cooking = list(Ticket.objects.filter(status="cooking").order_by("id")[: count // 2])
    deeds: Iterator[Any] = cycle((services.bump, services.recall))
    began = time.monotonic()
    for number in range(count):
        now: datetime = timezone.now()
        ticket = cooking[(number // 2) % len(cooking)]
        next(deeds)(ticket_id=ticket.pk, now=now, by="Ben")
        time.sleep(max(0.0, began + (number + 1) / RATE - time.monotonic()))


def _script(devtools: CDPSession) -> float:
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(float(m["value"]) for m in metrics if m["name"] == "ScriptDuration")


def _heap(devtools: CDPSession) -> float:
    devtools.send("HeapProfiler.collectGarbage")
    return float(devtools.send("Runtime.getHeapUsage")["usedSize"])
