"""The kitchen's board in a browser: processes, connections and sessions that end."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Errors
from tests.browser.kitchen_board.ground import card_of, cards, live, once, order, said

if TYPE_CHECKING:
    from tests.flow.house import Guest, House
    from tests.flow.premises import Premises

pytestmark = pytest.mark.slow


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
    board: Page, guest: Guest
) -> None:
    _, number = order(guest)
    bump = card_of(board, number).locator("[data-deed=bump]")
    expect(bump).to_be_visible()
    board.context.set_offline(True)
    bump.click()
    said(board, "Not done: there is no connection.")
    expect(card_of(board, number)).not_to_have_class(re.compile("is-pressed"))
    expect(board.locator("[data-stale]")).to_contain_text("No connection", timeout=10_000)
    board.context.set_offline(False)
    live(board)
    expect(card_of(board, number).locator("[data-deed=bump]")).to_be_visible()


@once
def test_it_offers_a_refused_recall_again(board: Page, guest: Guest) -> None:
    _, number = order(guest)
    card_of(board, number).locator("[data-deed=bump]").click()
    expect(cards(board, number)).to_have_count(0)
    board.keyboard.press("r")
    recall = board.locator("[data-recall] li", has_text=f"#{number}").get_by_role("button")
    expect(recall).to_be_visible()
    board.context.set_offline(True)
    recall.click()
    said(board, "Not done: there is no connection.")
    expect(recall).to_be_enabled()
    board.context.set_offline(False)
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
    board.locator("[data-gone]").get_by_role("link", name="Sign in").click()
    expect(board.locator("#id_username")).to_be_visible()
