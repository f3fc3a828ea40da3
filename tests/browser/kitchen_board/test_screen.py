"""The kitchen's board in a browser: what fits, is heard and is seen, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe_violations
from tests.browser.chromium import CUT
from tests.browser.kitchen_board.ground import BOARD, Open, card_of, live, once, order, pick, said
from tests.servers.wait import wait_until

if TYPE_CHECKING:
    from tests.flow.house import Guest

pytestmark = pytest.mark.slow


@once
def test_it_shows_one_station_alone(page_of: Open, guest: Guest) -> None:
    bar = live(page_of("kitchen", BOARD))
    bar.get_by_role("link", name="Bar").click()
    live(bar)
    _, number = order(guest)
    card_of(bar, number, "Bar")
    expect(bar.locator(".card:not([aria-label$='Bar'])")).to_have_count(0)


@once
def test_it_only_shows_to_who_may_only_look(page_of: Open, guest: Guest) -> None:
    board = live(page_of("support", BOARD))
    _, number = order(guest)
    card_of(board, number)
    expect(board.locator("[data-deed]")).to_have_count(0)
    pick(board, number)
    board.keyboard.press(" ")
    said(board, "Pick a card first.")


@once
@pytest.mark.npm
@pytest.mark.usefixtures("clean_kitchen")
def test_it_has_nothing_that_axe_finds_grave(board: Page, guest: Guest) -> None:
    (order_id, _), (_, number) = order(guest), order(guest, note="severe nut allergy")
    guest.call("POST", f"orders/{order_id}/cancel/", {})
    expect(board.locator(".card.is-cancelled")).to_have_count(2)
    assert axe_violations(board, prepare=lambda page: live(page)) == []

    def open_help(page: Page) -> None:
        live(page)
        pick(page, number)
        page.keyboard.press("x")
        expect(page.locator("[data-dishes]")).to_be_visible()

    assert axe_violations(board, prepare=open_help) == []


@once
@pytest.mark.parametrize("language", ["en", "ru"])
def test_it_fits_screens_of_every_width(board: Page, guest: Guest, language: str) -> None:
    _, number = order(guest, note="severe nut allergy, and a very long word: " + "m" * 40)
    card_of(board, number)
    board.context.add_cookies([{"name": "django_language", "value": language, "url": board.url}])
    board.reload()
    expect(board.locator("html")).to_have_attribute("lang", language)
    card_of(board, number)
    for width in (390, 768, 1024, 1440, 2560):
        board.set_viewport_size({"width": width, "height": 900})
        assert board.evaluate("document.documentElement.scrollWidth") <= width
        assert board.evaluate(CUT) == []


@once
def test_it_fills_the_screen_and_keeps_it_awake(page_of: Open) -> None:
    board = page_of("kitchen")
    board.add_init_script("""
        window.asked = [];
        navigator.wakeLock.request = async (kind) => window.asked.push(kind);
    """)
    board.goto(BOARD)
    live(board)
    assert board.evaluate("window.asked") == ["screen"]
    board.keyboard.press("f")
    assert wait_until(lambda: board.evaluate("document.fullscreenElement !== null"))
    board.locator("[data-tool=full]").click()
    assert wait_until(lambda: board.evaluate("document.fullscreenElement === null"))


@once
def test_it_moves_nothing_for_who_wants_no_motion(board: Page, guest: Guest) -> None:
    board.emulate_media(reduced_motion="reduce")
    _, number = order(guest)
    card_of(board, number)
    moving = board.evaluate("document.getAnimations().length")
    assert moving == 0


@once
def test_it_rings_for_a_new_ticket_only_when_switched_on(board: Page, guest: Guest) -> None:
    board.evaluate("""() => {
        window.rung = 0;
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...when) {
            window.rung += 1;
            return start.apply(this, when);
        };
    }""")
    card_of(board, order(guest)[1])
    assert board.evaluate("window.rung") == 0
    board.locator("[data-tool=sound]").click()
    expect(board.locator("[data-tool=sound]")).to_have_attribute("aria-pressed", "true")
    tried = board.evaluate("window.rung")
    card_of(board, order(guest)[1])
    assert wait_until(lambda: board.evaluate("window.rung") > tried)
