"""The pipeline page and the dead letters in a browser: they refresh, and ask before they act."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from restaurant.messaging.models import dead_letters_of
from tests.browser.chromium import Pages
from tests.staff import rows

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"
PAGE = "/admin/dead-letters/"
WIDTHS = (1440, 390)

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


def open_page(pages: Pages, server: LiveServer, path: str, **options: Any) -> Page:
    if not User.objects.filter(email=EMAIL).exists():
        User.objects.create_superuser(EMAIL, PASSWORD)
    return pages.log_in(server.url, EMAIL, PASSWORD, path, **options)


def fits(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_decides_on_letters_by_its_dialog(pages: Pages, live_server: LiveServer) -> None:
    kind = {"error": "ValueError: no dish", "error_kind": "ValueError: no dish"}
    first, second, third = (rows.dead_letter("kitchen", **kind) for _ in range(3))
    page = open_page(pages, live_server, PAGE)
    page.get_by_text("order_created, not handled by kitchen").click()
    page.get_by_label(f"Choose letter {first.pk}").check()
    fits(page)
    page.get_by_role("button", name="Discard chosen").click()
    page.get_by_role("heading", name="Discard: 1").wait_for()
    # The browser asks for the reason; so does the server, of those who get past it.
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_role("heading", name="Discard: 1")).to_be_visible()
    page.get_by_label("Reason").fill("A test order")
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_text("1 letter discarded.").wait_for()
    page.get_by_text("order_created, not handled by kitchen").click()
    page.get_by_role("button", name="Redrive all").click()
    page.get_by_text("What was chosen is sent to order_created again").wait_for()
    page.get_by_role("button", name="Cancel").click()
    assert dead_letters_of("kitchen").objects.waiting().count() == 2
    page.get_by_role("button", name="Redrive all").click()
    page.get_by_role("button", name="Redrive", exact=True).click()
    page.get_by_text("2 letters redriven.").wait_for()
    page.get_by_text("No dead letter waits").wait_for()
    page.get_by_role("link", name="What became of them").click()
    page.get_by_text("A test order").wait_for()
    fits(page)
    assert {second.pk, third.pk} == {
        *dead_letters_of("kitchen").objects.filter(redriven_by=EMAIL).values_list("pk", flat=True)
    }


def test_it_looks_again_by_itself(pages: Pages, live_server: LiveServer) -> None:
    page = open_page(pages, live_server, "/admin/pipeline/")
    page.clock.install()
    page.reload()
    page.get_by_text("Redis does not answer").first.wait_for()
    fits(page)
    for text in (
        "1 message could not be handled by delivery.",
        "2 messages could not be handled by delivery.",
    ):
        rows.dead_letter("delivery")
        expect(page.get_by_text(text)).to_have_count(0)
        # It looks every five seconds; here nobody waits for them.
        page.clock.run_for(5000)
        page.get_by_text(text).wait_for(timeout=15_000)
        fits(page)


def test_what_is_selected_or_focused_is_not_drawn_away(
    pages: Pages, live_server: LiveServer
) -> None:
    page = open_page(pages, live_server, "/admin/pipeline/")
    page.clock.install()
    page.reload()
    link = page.locator("dd a").first
    href = link.get_attribute("href")
    command = page.locator("code").first
    text = page.get_by_text("1 message could not be handled by delivery.")
    command.evaluate("it => getSelection().selectAllChildren(it)")
    selected = command.text_content()
    rows.dead_letter("delivery")
    # When it looks for the second time, what came of the first is drawn.
    for _ in range(2):
        with page.expect_response("**/part/"):
            page.clock.run_for(5000)
    assert page.evaluate("String(getSelection())") == selected
    expect(text).to_have_count(0)

    page.evaluate("getSelection().removeAllRanges()")
    link.focus()
    page.clock.run_for(5000)
    text.wait_for(timeout=15_000)
    assert page.evaluate("document.activeElement.getAttribute('href')") == href
