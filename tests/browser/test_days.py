"""A day of each role in a browser, on a whole restaurant: its work, and what is refused to it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Errors, Pages

if TYPE_CHECKING:
    from tests.flow.house import Guest, House

# What a real broker and database would not change is looked at on the embedded ones alone.
pytestmark = [pytest.mark.slow, pytest.mark.once]
SHARES_A_HOUSE = True
PAGES = {
    "dashboard": "/admin/dashboard/",
    "orders": "/admin/orders/order/",
    "menu": "/admin/orders/menuitem/",
    "kitchen": "/admin/kitchen/board/",
    "tickets": "/admin/kitchen/ticket/",
    "dispatch": "/admin/delivery/board/",
    "couriers": "/admin/delivery/courier/",
    "pipeline": "/admin/pipeline/",
    "dead letters": "/admin/dead-letters/",
    "trail": "/admin/trail/",
    "users": "/admin/auth_grpc/user/",
    "roles": "/admin/auth/group/",
    "outbox": "/admin/orders/outboxmessage/",
}
Arrive = Callable[[str], Page]
Ordered = tuple[str, int]


@pytest.fixture
def arrive(pages: Pages, house: House) -> Arrive:
    """Log in as somebody of the staff, who asked for no page."""
    from restaurant.demo.customers import PASSWORD
    from restaurant.demo.house import STAFF_DOMAIN

    def log_in(who: str) -> Page:
        page = pages.open(house.up.url)
        page.goto("/admin/")
        page.fill("#id_username", f"{who}@{STAFF_DOMAIN}")
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_url(re.compile(r"/admin/(?!login)"))
        return page

    return log_in


@pytest.fixture
def ordered(guest: Guest) -> Ordered:
    """An order of a cola, that cooks: its id and its number."""
    id_ = guest.order("COLA")
    return id_, guest.wait_for(id_, "cooking")["number"]


def at(page: Page) -> str:
    """Tell which page it is, without what is asked of it."""
    return re.sub(r"^https?://[^/]+|[?#].*$", "", page.url)


def sees_only(page: Page, errors: Errors, *names: str) -> None:
    """Ask for every page: these are shown and are in the sidebar, the others are neither."""
    page.goto("/admin/password_change/")
    links = {link.get_attribute("href") for link in page.locator("#nav-sidebar a, nav a").all()}
    for name, path in PAGES.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == (200 if name in names else 403), name
        assert (path in links) == (name in names), name
        if name not in names:
            # No dead end: it says why, and leads on.
            expect(page.get_by_role("main").or_(page.locator("#content")).first).to_be_visible()
            assert page.locator("#content a[href]").count(), name
    errors.forgive("403")


def do(page: Page, button: Locator, name: str, reason: str = "") -> None:
    """Press a button, and then the one of its dialog, with a reason if it asks for one."""
    button.click()
    dialog = page.locator("#dialog")
    dialog.wait_for()
    if reason:
        dialog.locator("[name=reason]").fill(reason)
    dialog.get_by_role("button", name=name).click()
    expect(dialog).to_be_hidden()


def test_a_cook_bumps_and_recalls_and_sees_nothing_else(
    arrive: Arrive, ordered: Ordered, errors: Errors
) -> None:
    page = arrive("kitchen")
    assert at(page) == PAGES["kitchen"]
    _, number = ordered
    card = page.locator(f'.card[aria-label="#{number} Bar"]')
    card.locator("[data-deed=bump]").click()
    expect(card).to_have_count(0)
    sees_only(page, errors, "kitchen", "tickets")


def test_a_dispatcher_sends_an_order_out_and_sees_nothing_else(
    arrive: Arrive, ordered: Ordered, guest: Guest, errors: Errors, house: House
) -> None:
    id_, number = ordered
    house.shell(
        "from kitchen import services; from kitchen.models import Ticket;"
        "from django.utils import timezone;"
        f"ticket = Ticket.objects.get(order_id='{id_}');"
        "services.bump(ticket_id=ticket.pk, now=timezone.now())"
    )
    page = arrive("dispatch")
    assert at(page) == PAGES["dispatch"]
    card = page.locator(f'.columns .card[data-number="#{number}"]')
    card.get_by_role("button", name="Picked up").click()
    expect(page.locator(f'#road .card[data-number="#{number}"]')).to_be_visible()
    guest.wait_for(id_, "out_for_delivery")
    page.locator(f'#road .card[data-number="#{number}"]').get_by_role(
        "button", name="Delivered"
    ).click()
    guest.wait_for(id_, "delivered")
    sees_only(page, errors, "dispatch", "couriers")


def test_a_manager_runs_the_day(
    arrive: Arrive, ordered: Ordered, guest: Guest, errors: Errors, tmp_path: Path
) -> None:
    page = arrive("manager")
    assert at(page) == PAGES["dashboard"]
    expect(page.get_by_text("In flight")).to_be_visible()

    # A dish is sold out, and is there again.
    page.goto(f"{PAGES['menu']}?q=TIRAMISU")
    page.get_by_role("button", name="86 Tiramis").click()
    expect(page.get_by_role("button", name=re.compile("Put back Tiramis"))).to_be_visible()
    assert guest.post_order("TIRAMISU").status == 400
    page.get_by_role("button", name=re.compile("Put back Tiramis")).click()
    expect(page.get_by_role("button", name="86 Tiramis")).to_be_visible()
    assert guest.post_order("TIRAMISU").status == 201

    # A guest calls: the order is found, cancelled, and the trail says by whom and why.
    id_, number = ordered
    page.goto(PAGES["orders"])
    page.get_by_role("link", name=f"#{number}", exact=True).click()
    ask = page.get_by_role("button", name="Ask to cancel")
    do(page, ask, "Ask to cancel", "the guest fell ill")
    guest.wait_for(id_, "cancelled")
    page.goto(PAGES["trail"])
    line = page.locator(".trail-line", has_text="the guest fell ill")
    expect(line).to_contain_text("manager@staff.example")
    expect(line).to_contain_text(f"#{number}")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "trail.csv")
    with (tmp_path / "trail.csv").open(encoding="utf-8-sig", newline="") as file:
        assert any("the guest fell ill" in row for row in csv.reader(file))
    sees_only(page, errors, *(set(PAGES) - {"roles", "outbox"}))


def test_support_finds_an_order_and_reads_its_journey(
    arrive: Arrive, ordered: Ordered, errors: Errors
) -> None:
    page = arrive("support")
    assert at(page) == PAGES["orders"]
    _, number = ordered
    page.keyboard.press("Control+k")
    # It takes the focus a moment after it opens.
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type(f"#{number}")
    page.locator("#command-results-list a", has_text=f"#{number}").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/admin/orders/order/{number}/change/"))
    expect(page.get_by_text("Journey")).to_be_visible()
    expect(page.get_by_text("order_created")).to_be_visible()
    expect(page.get_by_role("button", name="Ask to cancel")).to_be_disabled()
    sees_only(
        page,
        errors,
        # Of the users, the customers.
        *("orders", "menu", "kitchen", "tickets", "dispatch", "couriers", "users"),
        *("pipeline", "dead letters"),
    )
