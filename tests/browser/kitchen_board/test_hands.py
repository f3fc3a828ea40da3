"""The kitchen's board in a browser: a key or a finger does what was meant, once, and no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.chromium import Errors
from tests.browser.kitchen_board.ground import (
    BOARD,
    Open,
    card_of,
    cards,
    live,
    order,
    pick,
    said,
    wait_for,
)

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


def test_it_recalls_what_was_bumped_here_however_often_it_was_pressed(
    board: Page, guest: Guest
) -> None:
    first, second = (order(guest)[1] for _ in range(2))
    bump(board, first)
    ticket = ticket_of(board, second)
    bumps, recalls = pressed(board, "bump"), pressed(board, "recall")
    held: list[Route] = []
    board.route("**/bump/", lambda route: held.append(route))
    pick(board, second)
    for key in (" ", " ", "z"):
        board.keyboard.press(key)
    wait_for(board, held)
    with board.expect_response("**/recall/"):
        held[0].continue_()
    assert (bumps, recalls) == ([ticket], [ticket])
    card_of(board, second)
    expect(cards(board, first)).to_have_count(0)


def test_it_recalls_nothing_of_others_once_something_was_bumped_here(
    board: Page, other: Page, guest: Guest, errors: Errors
) -> None:
    mine, theirs = (order(guest)[1] for _ in range(2))
    ticket = ticket_of(board, mine)
    bump(board, mine)
    bump(other, theirs)
    expect(rows(board, theirs)).to_have_count(1)
    recalls = pressed(board, "recall")
    board.keyboard.press("z")
    card_of(board, mine)
    board.keyboard.press("z")
    said(board, "Nothing can be recalled.")
    # The last ticket of an order cannot be recalled: no other one is in its place.
    last = ticket_of(board, mine, "Bar")
    for station in ("Pizza oven", "Bar"):
        bump(board, mine, station)
    board.keyboard.press("z")
    said(board, f"#{mine} Bar: the order is complete and on its way.")
    errors.forgive("409")
    assert recalls == [ticket, last]


def test_it_recalls_nothing_by_a_list_that_it_could_not_look_at(
    board: Page, other: Page, guest: Guest, errors: Errors
) -> None:
    _, number = order(guest)
    bump(other, number)
    expect(rows(board, number)).to_have_count(1)
    recalls = pressed(board, "recall")
    board.route("**/board/around/**", lambda route: route.abort())
    board.keyboard.press("z")
    said(board, "Not done: there is no connection.")
    errors.forgive("ERR_FAILED")
    board.unroute("**/board/around/**")
    assert recalls == []
    board.keyboard.press("z")
    card_of(board, number)


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


def test_it_does_nothing_to_what_slides_under_a_double_click(page_of: Open, guest: Guest) -> None:
    board = live(page_of("kitchen", BOARD))
    board.get_by_role("link", name="Bar").click()
    live(board)
    first, second = (order(guest)[1] for _ in range(2))
    card_of(board, second, "Bar")
    board.evaluate(TIME)
    place = card_of(board, first, "Bar").locator("[data-deed=bump]").bounding_box()
    assert place
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    board.mouse.click(x, y)
    expect(cards(board, first, "Bar")).to_have_count(0)
    held: list[Route] = []
    board.route("**/bump/", lambda route: held.append(route))
    for later, is_pressed in ((300, False), (500, True)):
        board.evaluate("(later) => { window.at = 1000 + later; }", later)
        board.mouse.click(x, y)
        expect(board.locator(".is-pressed")).to_have_count(1 if is_pressed else 0)
    wait_for(board, held)
    held[0].continue_()
    expect(cards(board, second, "Bar")).to_have_count(0)
    assert len(held) == 1


def test_a_press_is_not_lost_when_its_card_would_be_drawn_anew(
    board: Page, other: Page, guest: Guest
) -> None:
    _, number = order(guest)
    card_of(other, number, "Bar")
    bumps = pressed(board, "bump")
    card_of(board, number).locator("[data-deed=bump]").hover()
    with board.expect_response("**/board/cards/**"):
        board.mouse.down()
        bump(other, number, "Bar")
    board.mouse.up()
    expect(cards(board, number)).to_have_count(0)
    assert len(bumps) == 1


def test_it_goes_on_to_the_next_card_only_after_a_press_here(
    board: Page, other: Page, guest: Guest
) -> None:
    first, second = (order(guest)[1] for _ in range(2))
    card_of(board, second, "Bar")
    pick(board, first, "Bar")
    bump(other, first, "Bar")
    expect(cards(board, first, "Bar")).to_have_count(0)
    expect(board.locator(".is-picked")).to_have_count(0)
    board.keyboard.press(" ")
    said(board, "Pick a card first.")
    # The walk goes on where it was.
    board.keyboard.press("ArrowRight")
    expect(card_of(board, second)).to_have_class(PICKED)
    board.keyboard.press(" ")
    expect(cards(board, second)).to_have_count(0)
    expect(card_of(board, second, "Bar")).to_have_class(PICKED)


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


def test_it_leaves_the_rows_of_the_open_sheet_where_they_are(
    board: Page, other: Page, guest: Guest
) -> None:
    first, second = (order(guest)[1] for _ in range(2))
    bump(board, first)
    expect(rows(board).first).to_contain_text(f"#{first}")
    with board.expect_response("**/board/around/**"):
        board.keyboard.press("r")
    bump(other, second)
    expect(board.locator("[data-part=passes]")).to_contain_text(f"#{second}")
    assert f"#{first}" in (rows(board).first.text_content() or "")
    board.keyboard.press("Escape")
    expect(rows(board).first).to_contain_text(f"#{second}")
    board.keyboard.press("r")
    # What is recalled here is gone from the list at once.
    rows(board, second).get_by_role("button").click()
    expect(rows(board, second)).to_have_count(0)


def test_it_keeps_the_focus_where_it_was(board: Page, other: Page, guest: Guest) -> None:
    _, number = order(guest)
    dishes = card_of(board, number, "Bar").locator("[data-deed=dishes]")
    dishes.focus()
    bump(other, number)
    expect(card_of(board, number, "Bar")).to_contain_text("✓ Pizza oven")
    expect(dishes).to_be_focused()
    tab = board.get_by_role("link", name="Bar")
    before = tab.inner_text()
    tab.focus()
    order(guest)
    expect(tab).not_to_have_text(before)
    expect(tab).to_be_focused()


def test_it_is_live_although_the_menu_cannot_be_read(
    page_of: Open, guest: Guest, errors: Errors
) -> None:
    board = page_of("kitchen")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, json={})

    board.route("**/api/v1/menu/**", refuse)
    board.goto(BOARD)
    wait_for(board, asked, 3)
    errors.forgive("503")
    assert board.locator("[data-pulse]").get_attribute("data-pulse") == "live"
    card_of(board, order(guest)[1])
    board.unroute("**/api/v1/menu/**")
    expect(board.locator("[data-off-count]")).to_have_text("2")
