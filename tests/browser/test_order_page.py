"""The page of an order in a browser, on a whole restaurant: it follows the order as it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import axe_violations
from tests.browser.chromium import Errors

if TYPE_CHECKING:
    from tests.flow.house import Guest, House

pytestmark = pytest.mark.slow
SHARES_A_HOUSE = True
LONG = 20_000
BUMP = """
from django.utils import timezone
from kitchen import services
from kitchen.models import Ticket
for ticket in Ticket.objects.filter(order_id="{id}"):
    if ticket.status == "queued":
        services.start_ticket(ticket_id=ticket.pk, now=timezone.now())
    services.bump(ticket_id=ticket.pk, now=timezone.now())
"""
DRIVE = """
from django.utils import timezone
from delivery import services
from delivery.models import Delivery
delivery = Delivery.objects.get(order_id="{id}")
services.pick_up(delivery_id=delivery.pk, now=timezone.now())
services.deliver(delivery_id=delivery.pk, now=timezone.now())
"""
Open = Callable[..., Page]


def step(page: Page, title: str) -> Locator:
    return page.locator(".journey-step").filter(has=page.get_by_text(title, exact=True))


def test_it_follows_an_order_from_its_request_to_the_doorstep(
    page_of: Open, guest: Guest, house: House
) -> None:
    id_ = guest.order("COLA")
    number = guest.look(id_)["number"]
    page = page_of("manager", f"/admin/orders/order/{number}/change/")
    placed = step(page, "Order placed")
    expect(placed).to_contain_text("from 127.0.0.1", timeout=LONG)
    expect(placed).to_contain_text("order_created")
    expect(placed).to_contain_text("attempt 1, after", timeout=LONG)
    expect(placed).to_contain_text("partition")
    expect(step(page, "Accepted")).to_contain_text("attempt 1", timeout=LONG)
    placed.get_by_text("Event and payload").click()
    house.shell(BUMP.format(id=id_))
    # Nobody reloads the page, and what was opened stays open.
    expect(step(page, "Cooked")).to_contain_text("Delivery attempt 1", timeout=LONG)
    expect(placed.locator("pre")).to_contain_text(f'"order_id": "{id_}"')
    expect(page.get_by_role("region", name="Delivery")).to_contain_text("assigned", timeout=LONG)
    house.shell(DRIVE.format(id=id_))
    for title in ("On the road", "Delivered"):
        expect(step(page, title)).to_contain_text("attempt 1", timeout=LONG)
    expect(page.locator(".order-stages .is-done")).to_have_count(6)
    expect(page.get_by_text("Cannot be cancelled: it is delivered since")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_asks_to_cancel_by_its_dialog_and_tells_how_that_went(
    page_of: Open, guest: Guest
) -> None:
    number = guest.look(guest.order("COLA"))["number"]
    page = page_of("manager", f"/admin/orders/order/{number}/change/")
    expect(step(page, "Accepted")).to_have_count(1, timeout=LONG)
    page.get_by_role("button", name="Ask to cancel").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Ask to cancel").click()
    dialog.get_by_text("This field is required").wait_for()
    dialog.locator("input[name=reason]").fill("the guest called")
    dialog.get_by_role("button", name="Ask to cancel").click()
    expect(page.get_by_text("The kitchen is asked to cancel it.")).to_be_visible()
    expect(step(page, "Cancelled")).to_contain_text("attempt 1", timeout=LONG)
    expect(page.get_by_text("Staff asked to cancel it.")).to_be_visible()
    expect(page.get_by_role("region", name="By hand")).to_contain_text("“the guest called”")


@pytest.mark.once
def test_it_tells_no_time_of_what_it_does_not_show(
    page_of: Open, guest: Guest, house: House, errors: Errors
) -> None:
    id_ = guest.order("COLA")
    page = page_of("manager", f"/admin/orders/order/{guest.look(id_)['number']}/change/")
    expect(step(page, "Accepted")).to_contain_text("attempt 1", timeout=LONG)
    shown = page.locator("#order-fresh time")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.journey-step'))")
    house.shell(BUMP.format(id=id_))
    with page.expect_response(lambda it: "version=" in it.url and it.status == 200):
        pass
    before = shown.inner_text()
    # When it asks for the second time, it has done with the first answer.
    for _ in range(2):
        with page.expect_response(lambda it: "version=" in it.url and it.status == 200):
            pass
    assert shown.inner_text() == before
    expect(step(page, "Cooked")).to_have_count(0)
    page.evaluate("getSelection().removeAllRanges()")
    expect(step(page, "Cooked")).to_contain_text("Delivery attempt 1", timeout=LONG)
    expect(shown).not_to_have_text(before)

    page.context.clear_cookies()
    expect(page.get_by_text("You are signed out.")).to_be_visible(timeout=LONG)
    expect(page.locator("#order-body")).to_be_empty()
    errors.forgive("401")


@pytest.mark.npm
@pytest.mark.once
def test_it_can_be_used_by_everybody_as_far_as_axe_sees(page_of: Open, guest: Guest) -> None:
    id_ = guest.order("COLA")
    page = page_of("manager", f"/admin/orders/order/{guest.look(id_)['number']}/change/")
    expect(step(page, "Accepted")).to_contain_text("attempt 1", timeout=LONG)
    assert axe_violations(page, within="#content") == []
