"""The documentation of the API is light or dark as its reader's system is, and leaves noise out."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import Errors, Pages

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]
# How light something is, from 0 to 1, by WCAG's weights.
LIGHTNESS = """(element, what) => {
  const [red, green, blue] = getComputedStyle(element)[what].match(/[0-9.]+/g).map(Number);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}"""


def _lightness(page: Page, selector: str, what: str) -> float:
    found: Any = page.locator(selector).first.evaluate(LIGHTNESS, what)
    return float(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("path", "text"), [("docs", ".info p"), ("redoc", ".api-content p")])
def test_it_is_as_light_as_the_reader_s_system(
    pages: Pages, live_server: LiveServer, errors: Errors, theme: str, path: str, text: str
) -> None:
    page = pages.open(live_server.url, color_scheme=theme)
    page.goto(f"/api/{path}/")
    page.locator(text).first.wait_for()
    ground = _lightness(page, "body", "backgroundColor")
    ink = _lightness(page, text, "color")
    assert (ground > 0.9, ink < 0.4) == (theme == "light",) * 2
    assert abs(ground - ink) > 0.5
    assert errors == []


def test_redoc_shows_no_patterns(pages: Pages, live_server: LiveServer) -> None:
    page = pages.open(live_server.url)
    page.goto("/api/redoc/#tag/orders/operation/orders_create")
    page.locator(".api-content p").first.wait_for()
    expect(page.get_by_text("<= 300 characters").first).to_be_visible()
    assert "\\u0000" not in page.inner_text("body")
    assert "\\x00" not in page.inner_text("body")


def test_the_schema_that_the_page_links_to_is_shown(pages: Pages, live_server: LiveServer) -> None:
    page = pages.open(live_server.url)
    # A text names no picture, and the browser asks for one.
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    answer = page.goto("/api/schema/")
    assert answer is not None
    assert answer.headers["content-type"].startswith("text/plain")
    expect(page.get_by_text("openapi: 3.1.0")).to_be_visible()
