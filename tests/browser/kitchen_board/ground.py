"""What the tests of the kitchen's board in a browser stand on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.servers.wait import wait_until

if TYPE_CHECKING:
    from tests.flow.house import Guest

# What a real broker and database would not change is looked at on the embedded ones alone.
once = pytest.mark.once
BOARD = "/admin/kitchen/board/"
Open = Callable[..., Page]


def live(page: Page) -> Page:
    page.get_by_text("Live", exact=True).wait_for()
    return page


def order(guest: Guest, note: str = "") -> tuple[str, int]:
    """Order two pizzas and a cola, of two stations; gives the order's id and number."""
    pizza = {"sku": "MARGHERITA", "quantity": 2, "options": ["SIZE-L"], "note": note}
    cola = {"sku": "COLA", "quantity": 1, "options": []}
    answer = guest.call("POST", "orders/", {"lines": [pizza, cola], "address": "12 Canal Street"})
    assert answer.status == 201, answer
    return answer.body["id"], answer.body["number"]


def cards(page: Page, number: int, station: str = "Pizza oven") -> Locator:
    return page.locator(f'.card[aria-label="#{number} {station}"]')


def card_of(page: Page, number: int, station: str = "Pizza oven") -> Locator:
    """Give an order's card at a station, once it is there."""
    expect(cards(page, number, station)).to_have_count(1)
    return cards(page, number, station)


def pick(page: Page, number: int, station: str = "Pizza oven") -> None:
    """Pick a card by a touch."""
    card_of(page, number, station).locator(".number").click()


def said(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator("[data-toasts]")).to_contain_text(text)


def wait_for(page: Page, found: list[Any], count: int = 1) -> None:
    """Wait, while the page goes on, until so many were found."""

    def is_there() -> bool:
        page.wait_for_timeout(20)
        return len(found) >= count

    wait_until(is_there, seconds=20)
