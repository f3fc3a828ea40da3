"""Every page of the staff site on a busy day: each model's list and form, and the site's own."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import connections
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import Page

from orders.models import Order
from restaurant.demo.customers import PASSWORD
from restaurant.demo.house import STAFF_DOMAIN
from tests.screenshots import day, drawing
from tests.staff.access_table import MODELS

WIDTHS = (390, 1440)
Prepare = Callable[[Page], object]


def _as_it_is(_page: Page) -> None:
    pass


def _search(page: Page) -> None:
    page.keyboard.press("Control+k")
    box = page.locator("#search-input-command")
    box.focus()
    # What was typed before the page was loaded again may still stand there.
    box.fill("")
    box.press_sequentially("pizza")
    page.locator("#command-results-list a").first.wait_for()


def _sell_out(page: Page) -> None:
    """Take a dish off the menu in the first theme, the next one in the second."""
    page.get_by_role("button", name=re.compile("^86 ")).first.click()
    page.get_by_role("button", name=re.compile("^Put back ")).first.wait_for()


def _rates(page: Page) -> None:
    """Wait for the second look: a rate needs two."""
    page.get_by_text(re.compile(r"[0-9] in/s")).first.wait_for()


def _journey(page: Page) -> None:
    page.get_by_text("Journey", exact=True).evaluate("(it) => it.scrollIntoView()")
    page.evaluate("scrollBy(0, -90)")


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("#staff-keys").wait_for()


@dataclass(frozen=True)
class Shot:
    """A page: its address, who looks (None: a stranger), and what is done there first."""

    path: str
    who: str | None = "manager"
    prepare: Prepare = _as_it_is
    # Also what is below the fold.
    is_whole: bool = True


def shots() -> Iterator[tuple[str, Shot]]:
    """Give each page's name and how to come there; reads the databases for rows to open."""
    yield from OWN.items()
    for status in (Order.Status.DELIVERED, Order.Status.CANCELLED, Order.Status.COOKING):
        order = Order.objects.filter(status=status).order_by("-pk").first()
        if order is not None:
            path = reverse("admin:orders_order_change", args=[order.pk])
            yield f"order-{status}", Shot(path)
            yield f"front-order-{status}", Shot(path, prepare=_journey, is_whole=False)
    for label in MODELS:
        yield from _of_model(label, apps.get_model(label))


def _of_model(label: str, model: type[Model]) -> Iterator[tuple[str, Shot]]:
    name = label.lower().replace(".", "-")
    base = f"admin:{label.lower().replace('.', '_')}"
    who = "manager" if "manager" in MODELS[label].view else "admin"
    yield f"{name}-list", Shot(reverse(f"{base}_changelist"), who)
    row = model._default_manager.order_by("-pk").first()
    # An order's page is drawn above.
    if row is not None and model is not Order:
        yield f"{name}-row", Shot(reverse(f"{base}_change", args=[row.pk]), who)


# The README shows those named front: of these the first window alone.
OWN = {
    "login": Shot("/admin/login/", None),
    "dashboard": Shot("/admin/dashboard/"),
    "dashboard-week": Shot("/admin/dashboard/?range=week"),
    "front-dashboard": Shot("/admin/dashboard/?range=week", is_whole=False),
    "pipeline": Shot("/admin/pipeline/", prepare=_rates),
    "dead-letters": Shot("/admin/dead-letters/"),
    "sold-out": Shot("/admin/orders/menuitem/", prepare=_sell_out),
    "trail": Shot("/admin/trail/"),
    "menu-prices": Shot("/admin/orders/menuitem/prices/"),
    "menu-arrange": Shot("/admin/orders/menuitem/arrange/"),
    "menu-import": Shot("/admin/orders/menuitem/import/"),
    "search": Shot("/admin/orders/order/", prepare=_search, is_whole=False),
    "keys": Shot("/admin/orders/order/", prepare=_keys, is_whole=False),
    "empty-list": Shot("/admin/orders/order/?q=nothing-like-it"),
    "not-allowed": Shot("/admin/dashboard/", "kitchen"),
    "not-found": Shot("/admin/no/such/page/"),
    "password": Shot("/admin/password_change/"),
}


def draw(target: Path, directory: Path) -> None:
    with day.opened() as server, drawing.pages() as pages:
        found = list(shots())
        connections.close_all()
        looking: dict[str | None, Page] = {None: pages.open(server)}
        for name, shot in found:
            if shot.who not in looking:
                email = f"{shot.who}@{STAFF_DOMAIN}"
                looking[shot.who] = pages.log_in(server, email, PASSWORD)
            page = looking[shot.who]
            page.goto(server + shot.path)
            whole, prepare = shot.is_whole, shot.prepare
            drawing.draw(page, target, name, widths=WIDTHS, whole=whole, prepare=prepare)
        pages.errors.forgive("403|404")
