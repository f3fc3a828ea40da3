"""The kitchen's board in a browser: cooks, their keys, their colleagues, and what goes away."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import Errors, offline
from tests.browser.kitchen_board.ground import (
    card_of,
    cards,
    live,
    once,
    order,
    pick,
    said,
    wait_for,
)

if TYPE_CHECKING:
    from tests.flow.house import Guest, House
    from tests.flow.premises import Premises


pytestmark = pytest.mark.slow
# Clicks, and tells how long the board took to show that it was heard, in milliseconds.
CLICK = """(card) => {
  const began = performance.now();
  card.querySelector("[data-deed=bump]").click();
  return card.classList.contains("is-pressed") ? performance.now() - began : Infinity;
}"""


@pytest.mark.usefixtures("clean_kitchen")
def test_it_shows_a_new_order_and_bumps_and_recalls_it_by_key(
    board: Page, other: Page, guest: Guest
) -> None:
    _id, number = order(guest, note="no basil")
    for page in (board, other):
        pizza = card_of(page, number)
        expect(pizza).to_contain_text("2\u00d7 Margherita")
        expect(pizza).to_contain_text("Large")
        expect(pizza).to_contain_text("no basil")
        expect(page.locator("[data-allday-list]")).to_contain_text("2\u00d7 Margherita")
        expect(pizza.locator("[data-deed=bump]")).to_be_visible()
    board.keyboard.press(card_of(board, number).locator("[data-pick]").inner_text())
    board.keyboard.press(" ")
    for page in (board, other):
        expect(cards(page, number)).to_have_count(0)
        expect(card_of(page, number, "Bar")).to_contain_text("Pizza oven")
        expect(page.locator("[data-part=passes]")).to_contain_text(f"#{number}")
    board.keyboard.press("z")
    for page in (board, other):
        card_of(page, number)
        expect(page.locator("[data-part=passes]")).not_to_contain_text(f"#{number}")


@pytest.mark.usefixtures("clean_kitchen")
def test_a_second_screen_agrees_within_a_second(board: Page, other: Page, guest: Guest) -> None:
    """At the quickest of three: other work of the machine may delay any of them."""
    _id, number = order(guest)
    took = []
    for _ in range(3):
        card_of(other, number)
        board.keyboard.press(card_of(board, number).locator("[data-pick]").inner_text())
        began = time.monotonic()
        board.keyboard.press(" ")
        expect(cards(other, number)).to_have_count(0)
        took.append(time.monotonic() - began)
        # What can be recalled stands among the passes.
        expect(board.locator("[data-part=passes]")).to_contain_text(f"#{number}")
        board.keyboard.press("z")
    assert min(took) < 1, took


@once
@pytest.mark.usefixtures("clean_kitchen")
def test_it_recalls_what_was_bumped_a_moment_ago(board: Page, guest: Guest) -> None:
    first, second = (order(guest)[1] for _ in range(2))
    pick(board, first)
    card_of(board, second)
    board.keyboard.press(" ")
    expect(board.locator("[data-part=passes]")).to_contain_text(f"#{first}")
    pick(board, second)
    ticket = card_of(board, second).get_attribute("data-ticket")
    recalls: list[str] = []
    board.on(
        "request", lambda asked: recalls.append(asked.url) if "/recall/" in asked.url else None
    )
    held: list[Route] = []
    board.route("**/recall/", lambda route: held.append(route))
    # One that is under way is not asked for again.
    for key in (" ", "z", "z"):
        board.keyboard.press(key)
    wait_for(board, held)
    board.keyboard.press("z")
    held[0].continue_()
    card_of(board, second)
    assert [url.split("/")[-3] for url in recalls] == [ticket]


@once
def test_it_walks_from_card_to_card_and_shows_its_keys(board: Page, guest: Guest) -> None:
    numbers = [order(guest)[1] for _ in range(2)]
    card_of(board, numbers[1], "Bar")
    board.keyboard.press("1")
    expect(board.locator(".card").nth(0)).to_have_class(re.compile("is-picked"))
    board.keyboard.press("ArrowRight")
    expect(board.locator(".card").nth(1)).to_have_class(re.compile("is-picked"))
    board.keyboard.press("ArrowLeft")
    expect(board.locator(".card").nth(0)).to_be_focused()
    board.keyboard.press("?")
    expect(board.locator("[data-help]")).to_contain_text("recall what was bumped last")
    board.keyboard.press("Escape")
    expect(board.locator("[data-help]")).to_be_hidden()


@once
@pytest.mark.usefixtures("clean_kitchen", "one_at_a_time")
def test_it_starts_a_ticket_ahead_of_its_turn_when_there_is_room(
    board: Page, guest: Guest, errors: Errors
) -> None:
    (_, first), (_, second) = order(guest), order(guest)
    expect(card_of(board, second)).to_contain_text("waits")
    card_of(board, second).locator("[data-deed=start]").click()
    said(board, "the station has no room for another one")
    errors.forgive("409")
    expect(card_of(board, second).locator("[data-deed=start]")).to_be_visible()
    card_of(board, first).locator("[data-deed=bump]").click()
    expect(card_of(board, second).locator("[data-deed=bump]")).to_be_visible()


@once
def test_it_answers_a_press_at_once(board: Page, guest: Guest) -> None:
    _, number = order(guest)
    assert card_of(board, number).evaluate(CLICK) < 100


@once
def test_it_lets_one_of_two_be_first_and_tells_the_other(
    board: Page, other: Page, guest: Guest, errors: Errors
) -> None:
    _, number = order(guest)
    ours, theirs = card_of(board, number), card_of(other, number)
    # The second one's picture is an old one: what it would learn meanwhile is held back.
    other.route("**/board/cards/**", lambda route: route.abort())
    ours.locator("[data-deed=bump]").click()
    expect(cards(board, number)).to_have_count(0)
    theirs.locator("[data-deed=bump]").click()
    said(other, re.compile(rf"#{number} Pizza oven: Kitchen bumped it \d+ s ago\."))
    errors.forgive("409|ERR_FAILED")
    other.unroute("**/board/cards/**")
    expect(cards(other, number)).to_have_count(0)
    expect(card_of(board, number, "Bar").locator("[data-deed=bump]")).to_be_visible()


def test_it_takes_a_dish_off_the_menu_from_a_card(board: Page, other: Page, guest: Guest) -> None:
    _, number = order(guest)
    # The demo's menu comes with two dishes sold out.
    for page in (board, other):
        expect(page.locator("[data-off-count]")).to_have_text("2")
    pick(board, number)
    board.keyboard.press("x")
    board.locator("[data-dishes]").get_by_role("button", name="86 it").click()
    said(board, "Margherita is off the menu.")
    refused = guest.post_order("MARGHERITA", "SIZE-M")
    assert refused.status == 400
    assert refused.body["errors"][0]["code"] == "unavailable"
    expect(other.locator("[data-off-count]")).to_have_text("3")
    other.locator("[data-tool=menu]").click()
    dish = other.locator("[data-menu] li", has_text="Margherita")
    dish.get_by_role("button", name="Put back").click()
    said(other, "Margherita is on the menu again.")
    expect(board.locator("[data-off-count]")).to_have_text("2")
    guest.order("MARGHERITA", "SIZE-M")


@once
def test_it_strikes_a_cancelled_ticket_through_until_somebody_noted_it(
    board: Page, other: Page, guest: Guest
) -> None:
    order_id, number = order(guest)
    card_of(board, number)
    assert guest.call("POST", f"orders/{order_id}/cancel/", {"reason": "too late"}).status == 202
    for page in (board, other):
        struck = card_of(page, number)
        expect(struck).to_have_class(re.compile("is-cancelled"))
        expect(struck).to_contain_text("too late")
        expect(struck.locator(".lines")).to_have_css("text-decoration-line", "line-through")
    pick(board, number)
    board.keyboard.press(" ")
    for page in (board, other):
        expect(cards(page, number)).to_have_count(0)
        expect(card_of(page, number, "Bar")).to_have_class(re.compile("is-cancelled"))


@once
def test_it_says_that_a_cancel_was_requested_while_the_kitchen_has_not_decided(
    board: Page, whole: Premises, guest: Guest
) -> None:
    order_id, number = order(guest)
    expect(card_of(board, number).locator("[data-deed=bump]")).to_be_visible()
    kitchen = whole.house.up.started()["kitchen"]
    os.kill(kitchen, signal.SIGSTOP)
    try:
        guest.call("POST", f"orders/{order_id}/cancel/", {})
        expect(card_of(board, number)).to_contain_text("cancel requested")
        expect(card_of(board, number)).not_to_have_class(re.compile("is-cancelled"))
    finally:
        os.kill(kitchen, signal.SIGCONT)
    expect(card_of(board, number)).to_have_class(re.compile("is-cancelled"), timeout=20_000)


def test_it_misses_nothing_while_the_live_process_is_killed_and_comes_back(
    board: Page, whole: Premises, guest: Guest, errors: Errors
) -> None:
    _, first = order(guest)
    card_of(board, first)
    live_process = whole.house.up.started()["live"]
    # It neither answers nor ends: what is not live must say so, and look by itself.
    os.kill(live_process, signal.SIGSTOP)
    try:
        expect(board.locator("[data-pulse]")).to_contain_text("Not live", timeout=15_000)
        expect(board.locator("[data-stale]")).to_contain_text("Looking again every 3 seconds")
        _, second = order(guest)
        card_of(board, second)
    finally:
        os.kill(live_process, signal.SIGKILL)
        os.kill(live_process, signal.SIGCONT)
    _, third = order(guest)
    card_of(board, third)
    expect(board.locator("[data-pulse]")).to_contain_text("Live", timeout=20_000)
    expect(board.locator("[data-stale]")).to_be_hidden()
    _, fourth = order(guest)
    for number in (first, second, third, fourth):
        card_of(board, number)
    errors.forgive("ERR_")


@once
def test_it_refuses_presses_without_a_connection_and_does_not_keep_them(
    board: Page, guest: Guest, errors: Errors
) -> None:
    _, number = order(guest)
    bump = card_of(board, number).locator("[data-deed=bump]")
    expect(bump).to_be_visible()
    with offline(board, errors):
        bump.click()
        said(board, "Not done: there is no connection.")
        expect(card_of(board, number)).not_to_have_class(re.compile("is-pressed"))
        expect(board.locator("[data-stale]")).to_contain_text("No connection")
    live(board)
    expect(card_of(board, number).locator("[data-deed=bump]")).to_be_visible()


@once
def test_it_offers_a_refused_recall_again(board: Page, guest: Guest, errors: Errors) -> None:
    _, number = order(guest)
    card_of(board, number).locator("[data-deed=bump]").click()
    expect(cards(board, number)).to_have_count(0)
    board.keyboard.press("r")
    recall = board.locator("[data-recall] li", has_text=f"#{number}").get_by_role("button")
    expect(recall).to_be_visible()
    with offline(board, errors):
        recall.click()
        said(board, "Not done: there is no connection.")
        expect(recall).to_be_enabled()
    live(board)
    recall.click()
    card_of(board, number)


@once
def test_it_shows_nothing_more_when_the_session_ends(
    board: Page, guest: Guest, house: House
) -> None:
    _, number = order(guest)
    card_of(board, number)
    second = board.context.new_page()
    second.goto("/admin/password_change/")
    second.evaluate("""
        const form = document.querySelector('form[action$="/admin/logout/"]');
        form.requestSubmit();
    """)
    expect(board.locator("[data-gone]")).to_be_visible(timeout=10_000)
    expect(board.locator(".card")).to_have_count(0)
    expect(board.locator("[data-pulse]")).to_have_text("Not live")
    for _ in range(3):
        board.keyboard.press("Escape")
        expect(board.locator("[data-gone]")).to_be_visible()
    board.locator("[data-gone]").get_by_role("link", name="Sign in").click()
    expect(board.locator("#id_username")).to_be_visible()
