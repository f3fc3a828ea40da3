"""Search, keys and saved filters as a person uses them, on a wide screen and on a telephone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from tests.browser.chromium import Pages
from tests.staff import rows

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"
ORDERS = "/admin/orders/order/"

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def page(pages: Pages, live_server: LiveServer) -> Page:
    User.objects.create_superuser(EMAIL, PASSWORD)
    return pages.log_in(live_server.url, EMAIL, PASSWORD)


def picture(page: Page, name: str) -> None:
    """Keep a picture where one is asked for."""
    if folder := os.environ.get("COMFORTS_PICTURES"):
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_it_opens_a_dish_by_typing_its_name(page: Page) -> None:
    rows.menu_item(1)
    page.keyboard.press("Control+k")
    box = page.locator("#search-input-command")
    expect(box).to_be_focused()
    box.press("Enter")
    box.press_sequentially("nothing like it")
    expect(page.get_by_text("Nothing found for")).to_be_visible()
    picture(page, "search-nothing")
    box.fill("")
    box.press_sequentially("margh")
    expect(page.locator("#command-results li.active")).to_contain_text("Margherita")
    picture(page, "search")
    box.press("Enter")
    page.wait_for_url("**/admin/orders/menuitem/*/change/")


def test_it_leads_by_keys(page: Page) -> None:
    page.goto("/admin/kitchen/station/")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    picture(page, "keys")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url(f"**{ORDERS}")
    page.keyboard.press("/")
    expect(page.locator("#searchbar")).to_be_focused()
    # In a box they are letters.
    page.keyboard.type("g?o")
    expect(page.locator("#searchbar")).to_have_value("g?o")
    picture(page, "empty")


def test_it_shows_the_keys_to_who_clicks_for_them(page: Page) -> None:
    page.goto("/admin/kitchen/station/")
    hint = page.get_by_role("button", name="Keys", exact=True)
    hint.click()
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.set_viewport_size({"width": 390, "height": 900})
    expect(hint).to_be_hidden()


def test_it_keeps_tables_closed_until_somebody_opens_them(page: Page) -> None:
    page.goto("/admin/kitchen/station/")
    group = page.get_by_role("button", name="Kitchen: tables")
    outbox = page.get_by_role("navigation").get_by_role("link", name="Outbox")
    expect(group).to_have_attribute("aria-expanded", "false")
    expect(outbox).to_have_count(0)
    group.press("Enter")
    expect(group).to_have_attribute("aria-expanded", "true")
    outbox.click()
    page.wait_for_url("**/admin/kitchen/outboxmessage/")
    # Its page stands open in it, and says where one is.
    expect(group).to_have_attribute("aria-expanded", "true")
    expect(outbox).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("width", [1440, 390])
def test_it_keeps_a_filter_and_removes_it(page: Page, width: int) -> None:
    rows.order(1, overdue_since=rows.NOW)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{ORDERS}?overdue=yes")
    bar = page.locator("[data-saved-filters]")
    bar.get_by_role("button", name="Keep this filter").click()
    bar.get_by_label("Name of the filter").fill("Late ones")
    picture(page, f"keep-{width}")
    bar.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("“Late ones” is kept above this list.")).to_be_visible()
    page.goto(ORDERS)
    bar.get_by_role("link", name="Late ones").click()
    page.wait_for_url(f"**{ORDERS}?overdue=yes")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar.get_by_role("button", name="Remove the filter “Late ones”").click()
    picture(page, f"drop-{width}")
    bar.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("The filter “Late ones” is removed.")).to_be_visible()


def test_it_says_before_deleting_what_will_happen(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    made = rows.station(1)
    page.goto(f"/admin/kitchen/station/{made.pk}/delete/")
    expect(page.get_by_text("are rejected from now on")).to_be_visible()
    picture(page, "delete")
