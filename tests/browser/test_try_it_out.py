"""The API's page tries out what it tells of, also what the live process answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Errors, Pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.flow.house import Guest, House

pytestmark = [pytest.mark.slow, pytest.mark.once]
SHARES_A_HOUSE = True
SOON = 15_000


def try_to_follow(page: Page, order_id: str, **parameters: str) -> Locator:
    """Open the operation, fill in its form and send it; gives where the answer is shown."""
    if "/api/docs/" not in page.url:
        page.goto("/api/docs/")
    operation = page.locator("[id$=orders_list_events]")
    if not operation.get_by_role("button", name="Execute").count():
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
    for name, value in {"order_id": order_id, **parameters}.items():
        operation.locator(f"tr[data-param-name={name}] input").fill(value)
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table .response")


def test_a_customer_follows_an_order(pages: Pages, house: House, guest: Guest) -> None:
    order_id = guest.order("COLA")
    page = pages.open(house.up.url)
    page.goto("/api/docs/")
    page.get_by_role("button", name="Authorize").first.click()
    box = page.locator(".auth-container").filter(has_text="(http, Bearer)")
    box.locator("input").first.fill(guest.token)
    box.locator("input").first.press("Enter")
    page.locator(".modal-ux .btn-done").first.press("Enter")
    answer = try_to_follow(page, order_id, after="99", wait="1")
    expect(answer.locator(".response-col_status")).to_contain_text("200", timeout=SOON)
    answer = try_to_follow(page, order_id, after="0")
    expect(answer).to_contain_text("order_created", timeout=SOON)


def test_staff_follow_an_order_by_their_session(page_of: Callable[..., Page], guest: Guest) -> None:
    answer = try_to_follow(page_of("support"), guest.order("COLA"), after="99", wait="1")
    expect(answer.locator(".response-col_status")).to_contain_text("200", timeout=SOON)


def test_a_stranger_is_refused(pages: Pages, house: House, guest: Guest, errors: Errors) -> None:
    page = pages.open(house.up.url)
    answer = try_to_follow(page, guest.order("COLA"))
    expect(answer.locator(".response-col_status")).to_contain_text("401", timeout=SOON)
    errors.forgive("401")
