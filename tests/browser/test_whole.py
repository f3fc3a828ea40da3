"""The ground of the boards' tests in a browser: real processes, real logins, a live stream."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Errors
from tests.flow.house import Guest
from tests.flow.premises import Premises

pytestmark = pytest.mark.slow
SHARES_A_HOUSE = True
BOARD = "/admin/kitchen/board/"


def test_it_brings_an_order_to_the_board_also_after_the_live_process_was_killed(
    page_of: Callable[..., Page], guest: Guest, whole: Premises, errors: Errors
) -> None:
    page = page_of("kitchen", BOARD)
    tickets = page.locator("[data-ticket]")
    first = guest.look(guest.order("COLA"))
    expect(tickets.filter(has_text=f"#{first['number']}")).to_have_count(1)
    whole.restart("live")
    second = guest.look(guest.order("COLA"))
    expect(tickets.filter(has_text=f"#{second['number']}")).to_have_count(1, timeout=20_000)
    errors.forgive("ERR_")


@pytest.mark.parametrize("who", ["dispatch", "support", "manager", "admin"])
def test_it_logs_each_of_the_staff_in(who: str, page_of: Callable[..., Page]) -> None:
    expect(page_of(who).locator("body")).to_contain_text(who if who != "admin" else "Admin")
