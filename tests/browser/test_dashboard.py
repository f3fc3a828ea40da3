"""The dashboard in a browser, on a whole restaurant: it follows by itself, and says when not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Errors

if TYPE_CHECKING:
    from tests.flow.house import Guest
    from tests.flow.premises import Premises

pytestmark = pytest.mark.slow
LONG = 30_000
PAGE = "/admin/dashboard/"
Open = Callable[..., Page]


def flight(page: Page) -> Locator:
    return page.get_by_role("region", name="In flight").locator(".dash-big")


def pulse(page: Page) -> Locator:
    return page.locator("[data-pulse-text]")


def live(page: Page) -> None:
    expect(pulse(page)).to_have_text("Live", timeout=LONG)


def shown(page: Page) -> int:
    return int(flight(page).inner_text().replace(",", ""))


def test_it_counts_an_order_that_is_placed_without_being_reloaded(
    page_of: Open, guest: Guest
) -> None:
    page = page_of("manager", PAGE)
    live(page)
    page.evaluate("document.title = 'not loaded again'")
    before = shown(page)
    guest.order("COLA")
    expect(flight(page)).to_have_text(str(before + 1), timeout=LONG)
    # The figures of the day follow, more slowly, and what somebody opened there stays open.
    page.get_by_text("The charts as a table").click()
    orders = page.locator(".dash-kpi").filter(has=page.get_by_text("Orders", exact=True))
    counted = int(orders.locator(".dash-big").inner_text())
    guest.order("COLA")
    expect(orders.locator(".dash-big")).to_have_text(str(counted + 1), timeout=LONG)
    expect(page.get_by_role("region", name="The charts as a table")).to_be_visible()
    assert page.title() == "not loaded again"


def test_it_has_the_charts_as_text_too(page_of: Open, guest: Guest) -> None:
    guest.order("COLA")
    page = page_of("manager", PAGE)
    chart = page.get_by_role("img", name=re.compile(r"\d+ orders?, before \d+; the most"))
    expect(chart).to_be_visible()
    page.get_by_text("The charts as a table").click()
    rows = page.get_by_role("region", name="The charts as a table").locator("tbody tr")
    placed = sum(int(cell) for cell in rows.locator("td:nth-child(2)").all_inner_texts())
    told = chart.get_attribute("aria-label") or ""
    assert re.match(rf"{placed} orders", told), told
    # What they show is drawn, too.
    drawn = "(canvas) => new Set(canvas.getContext('2d').getImageData(0, 0, 300, 150).data).size"
    for canvas in page.locator("canvas[data-chart]").all():
        assert canvas.evaluate(drawn) > 1


def test_it_shows_the_days_that_are_asked_for(page_of: Open, errors: Errors) -> None:
    page = page_of("manager", PAGE)
    page.get_by_label("From").fill("2026-03-02")
    page.get_by_label("to", exact=True).fill("2026-03-08")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/?from=2026-03-02&to=2026-03-08")
    expect(page.get_by_role("heading", name="2 Mar to 8 Mar")).to_be_visible()
    expect(page.get_by_text("No orders in these days")).to_be_visible()
    page.goto(f"{PAGE}?from=2026-03-08&to=2026-03-02")
    expect(page.get_by_role("alert").filter(has_text="after the last one")).to_be_visible()
    page.get_by_role("navigation", name="Days shown").get_by_text("7 days").click()
    expect(page.locator("[aria-current=true]")).to_have_text("7 days")


def test_it_gives_the_figures_as_files(page_of: Open) -> None:
    page = page_of("manager", PAGE)
    for kind in ("csv", "xlsx"):
        with page.expect_download() as told:
            page.get_by_role("link", name=kind.upper()).click()
        assert re.fullmatch(rf"dashboard-[\d-]+\.{kind}", told.value.suggested_filename)
        assert told.value.path().stat().st_size > 100


def test_it_is_used_by_the_keyboard_alone(page_of: Open) -> None:
    page = page_of("manager", PAGE)
    page.locator(".dash-presets a").first.focus()
    for name in ("Yesterday", "7 days"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?range=week")
    page.get_by_role("button", name="Count now").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Count now")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Count now")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden(timeout=LONG)
    expect(page.get_by_text(re.compile("Added up at"))).to_be_visible(timeout=LONG)


def test_it_keeps_what_has_the_focus_when_it_looks_again(page_of: Open, guest: Guest) -> None:
    page = page_of("manager", PAGE)
    live(page)
    before = shown(page)
    flight(page).get_by_role("link").focus()
    guest.order("COLA")
    expect(flight(page)).to_have_text(str(before + 1), timeout=LONG)
    expect(flight(page).get_by_role("link")).to_be_focused()


def test_it_says_when_it_is_not_live_and_comes_back(
    whole: Premises, page_of: Open, guest: Guest, errors: Errors
) -> None:
    page = page_of("manager", PAGE)
    live(page)
    before = shown(page)
    # Killed alone, it would be back before anybody missed it.
    whole.freeze("live")
    expect(pulse(page)).not_to_have_text("Live", timeout=LONG)
    guest.order("COLA")
    whole.kill("live")
    live(page)
    expect(flight(page)).to_have_text(str(before + 1), timeout=LONG)
    expect(page.locator("[data-stale]")).to_be_hidden()
    # The stream broke, and nobody answered at first.
    errors[:] = [error for error in errors if "ERR_" not in error]


def test_it_fits_a_telephone(page_of: Open, guest: Guest) -> None:
    guest.order("COLA")
    page = page_of("manager", PAGE, viewport={"width": 390, "height": 844})
    for path in (PAGE, f"{PAGE}?range=quarter", f"{PAGE}?from=2026-03-02&to=2026-03-02"):
        page.goto(path)
        live(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
