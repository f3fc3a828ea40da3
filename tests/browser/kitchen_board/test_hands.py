"""The kitchen's board in a browser: a key or a finger does what was meant, once, and no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.kitchen_board.ground import card_of, cards, order, pick
from tests.servers.wait import wait_until

if TYPE_CHECKING:
    from tests.flow.house import Guest

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.usefixtures("clean_kitchen")]
PICKED = re.compile("is-picked")
# Clicks are at the time that the test says: a busy machine is slower than a finger.
TIME = """() => {
  window.at = 1000;
  Object.defineProperty(Event.prototype, "timeStamp", { get: () => window.at });
}"""


def ticket_of(page: Page, number: int, station: str = "Pizza oven") -> str:
    return card_of(page, number, station).get_attribute("data-ticket") or ""


def pressed(page: Page, deed: str) -> list[str]:
    """Give a list that fills with the tickets that a page asks a deed for."""
    found: list[str] = []
    page.on(
        "request",
        lambda asked: found.append(asked.url.split("/")[-3]) if f"/{deed}/" in asked.url else None,
    )
    return found


def bump(page: Page, number: int, station: str = "Pizza oven") -> None:
    """Bump a ticket by its button, and see it go."""
    card_of(page, number, station).locator("[data-deed=bump]").click()
    expect(cards(page, number, station)).to_have_count(0)


def wait_for(page: Page, found: list[Any], count: int = 1) -> None:
    """Wait, while the page goes on, until so many were found."""

    def is_there() -> bool:
        page.wait_for_timeout(20)
        return len(found) >= count

    wait_until(is_there, seconds=20)


def rows(page: Page, number: int | str = "") -> Locator:
    """Give what can be recalled: everything, or an order's."""
    return page.locator("[data-recall] li", has_text=f"#{number}")


def test_it_does_a_deed_once_however_long_its_key_is_held(board: Page, guest: Guest) -> None:
    first, second = (order(guest)[1] for _ in range(2))
    tickets = [ticket_of(board, number) for number in (first, second)]
    pick(board, first)
    bumps = pressed(board, "bump")
    board.keyboard.down(" ")
    expect(cards(board, first)).to_have_count(0)
    expect(board.locator(".is-picked")).to_have_count(1)
    for _ in range(3):
        board.keyboard.down(" ")
    board.keyboard.up(" ")
    # A walk goes on while its key is held.
    board.keyboard.press("1")
    for _ in range(2):
        board.keyboard.down("ArrowRight")
    board.keyboard.up("ArrowRight")
    expect(board.locator(".card").nth(2)).to_have_class(PICKED)
    bump(board, second)
    assert bumps == tickets


def test_it_does_nothing_behind_an_open_sheet(board: Page, guest: Guest) -> None:
    first, second = (order(guest)[1] for _ in range(2))
    bump(board, first)
    pick(board, second)
    bumps = pressed(board, "bump")
    board.keyboard.press("r")
    rows(board, first).get_by_role("button").click()
    # What had the focus is gone with its row.
    expect(rows(board, first)).to_have_count(0)
    board.keyboard.press(" ")
    board.keyboard.press("Escape")
    expect(board.locator("[data-recall]")).to_be_hidden()
    ticket = ticket_of(board, first)
    bump(board, first)
    assert bumps == [ticket]


def test_it_knows_its_letters_on_every_layout(board: Page) -> None:
    for key in ("к", "R"):
        board.evaluate(
            """(key) => document.body.dispatchEvent(
                 new KeyboardEvent("keydown", { key, code: "KeyR", bubbles: true }))""",
            key,
        )
        expect(board.locator("[data-recall]")).to_be_visible()
        board.keyboard.press("Escape")
        expect(board.locator("[data-recall]")).to_be_hidden()
