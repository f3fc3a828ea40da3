"""The API in a browser, as a guest and as staff meet it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from auth_grpc import services
from auth_grpc.models import User
from orders.menu.importing import import_menu
from orders.models import Order
from tests.browser.axe import axe_violations
from tests.browser.chromium import Errors, Pages
from tests.orders.people import MENU
from tests.staff import rows

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
ORDERS = "/api/v1/orders/"
# None of what the schema's example orders.
SOUP = {
    "sku": "SOUP",
    "name": "Soup of the day",
    "price": "5.00",
    "station": "oven",
    "prep_seconds": 60,
    "option_groups": [
        {
            "name": "Toppings",
            "min": 2,
            "max": 3,
            "options": [{"sku": sku, "name": sku.title()} for sku in ("OIL", "BREAD", "HERBS")],
        }
    ],
}

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def page(menu: None, placed_here: None, pages: Pages, live_server: LiveServer) -> Page:
    """The orders' page of a customer, who logged in from it."""
    services.register(email=EMAIL, password=PASSWORD, name="Ada")
    page = pages.open(live_server.url)
    page.goto("/api/v1/menu/")
    page.get_by_role("link", name="Log in").click()
    page.fill("#id_username", EMAIL)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/api/v1/menu/")
    page.get_by_role("link", name="Orders", exact=True).click()
    page.wait_for_url(f"**{ORDERS}")
    return page


def order(page: Page) -> None:
    page.get_by_label("Margherita").fill("2")
    page.get_by_label("Large").check()
    page.get_by_label("Olives").check()
    page.get_by_label("address").fill("12 Canal Street")
    page.get_by_role("button", name="Send").click()


def test_a_guest_orders_by_the_form_and_reads_the_answer(page: Page) -> None:
    order(page)
    answer = page.locator("[data-answer]")
    expect(answer.locator(".status")).to_have_text(re.compile("201"))
    placed = Order.objects.get()
    assert [line.quantity for line in placed.lines.all()] == [2]
    expect(answer.locator(".json")).to_contain_text(str(placed.public_id))
    page.get_by_role("link", name="Open what was made").click()
    page.wait_for_url(f"**{ORDERS}{placed.public_id}/")
    page.get_by_role("link", name="/timeline/").click()
    expect(page.locator(".json")).to_contain_text("order_created")
    page.get_by_role("link", name="/cancel/").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-answer] .status")).to_have_text(re.compile("202"))
    placed.refresh_from_db()
    assert placed.cancel_requested


def test_pressing_twice_places_one_order(page: Page) -> None:
    order(page)
    expect(page.locator("[data-answer] .status")).to_have_text(re.compile("201"))
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-answer] .status")).to_have_text(re.compile("201"))
    page.get_by_text("Headers").last.click()
    expect(page.locator("[data-answer]")).to_contain_text("idempoten", ignore_case=True)
    assert Order.objects.count() == 1
    # Another body is another order.
    page.get_by_label("Margherita").fill("1")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-answer] .json")).to_contain_text('"quantity": 1')
    assert Order.objects.count() == 2


def test_a_refusal_is_shown_as_it_is(page: Page, errors: Errors) -> None:
    # With the menu at hand it writes the body itself: once more, when it has come.
    page.locator(".dish").first.wait_for()
    page.locator("textarea[name=_content]").fill('{"lines": []}')
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-answer] .status")).to_have_text(re.compile("400"))
    expect(page.locator("[data-answer] .json")).to_contain_text("/lines")
    errors.forgive("400")
    page.locator("[data-answer]").get_by_role("link", name="/problems/invalid/").click()
    page.wait_for_url("**/problems/invalid/")
    assert not Order.objects.exists()


def test_it_posts_to_the_path_alone_and_shows_what_came_of_it(page: Page, errors: Errors) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{ORDERS}?page_size=2")
    for body, status, told in (("", "201", '"status": "placed"'), ("{}", "400", "/lines")):
        if body:
            page.locator("textarea[name=_content]").fill(body)
        page.get_by_role("button", name="Send").click()
        answer = page.locator("[data-answer]")
        expect(answer.locator(".status")).to_have_text(re.compile(status))
        expect(answer.locator(".json")).to_contain_text(told)
        expect(answer.get_by_text(told)).to_be_in_viewport()
    errors.forgive("400")


def test_the_form_begins_with_an_order_that_is_taken(
    page: Page, menu_file: Callable[[Any], Path]
) -> None:
    import_menu(menu_file({**MENU, "categories": [{"name": "Soups", "items": [SOUP]}]}))
    page.reload()
    expect(page.get_by_label("Soup of the day")).to_have_value("1")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-answer] .status")).to_have_text(re.compile("201"))
    (line,) = Order.objects.get().lines.all()
    assert (line.sku, line.quantity, len(line.options)) == ("SOUP", 1, 2)


def test_an_option_that_may_be_left_out_can_be_unmade(
    page: Page, menu_file: Callable[[Any], Path]
) -> None:
    sauce = {"name": "Sauce", "options": [{"sku": sku, "name": sku} for sku in ("MINT", "CHILI")]}
    soup = {**SOUP, "option_groups": [sauce]}
    import_menu(menu_file({**MENU, "categories": [{"name": "Soups", "items": [soup]}]}))
    page.reload()
    body = page.locator("textarea[name=_content]")
    page.get_by_label("MINT").click()
    expect(body).to_have_value(re.compile(r'"options": \[\s*"MINT"\s*\]'))
    page.get_by_label("CHILI").click()
    expect(body).to_have_value(re.compile(r'"options": \[\s*"CHILI"\s*\]'))
    page.get_by_label("CHILI").click()
    expect(body).to_have_value(re.compile(r'"options": \[\]'))


def test_the_menu_does_not_write_over_what_was_written_by_hand(page: Page) -> None:
    page.locator(".dish").first.wait_for()
    body = page.locator("textarea[name=_content]")
    body.fill('{"lines": [], "note": "mine"}')
    page.get_by_label("Cola").fill("2")
    expect(page.get_by_text("The body was written by hand.")).to_be_visible()
    expect(body).to_have_value('{"lines": [], "note": "mine"}')
    body.fill("")
    page.get_by_label("Cola").fill("3")
    expect(body).to_have_value(re.compile('"quantity": 3'))
    expect(page.get_by_text("The body was written by hand.")).to_have_count(0)


def test_what_is_pressed_is_pressed_by_a_button_alone(
    page: Page, pages: Pages, live_server: LiveServer
) -> None:
    User.objects.create_superuser("boss@example.com", PASSWORD)
    ticket = rows.ticket(0, at=rows.station(1, code="oven", mode="manual"))
    staff = pages.log_in(live_server.url, "boss@example.com", PASSWORD)
    staff.goto(f"/api/v1/kitchen/tickets/{ticket.pk}/bump/")
    expect(staff.get_by_role("heading", level=1)).to_have_text("Bump a ticket")
    expect(staff.locator("textarea")).to_have_count(0)
    for move, status in (("start", "cooking"), ("bump", "done")):
        staff.get_by_role("link", name=f"/{move}/").click()
        staff.get_by_role("button", name="Send").click()
        answer = staff.locator("[data-answer]")
        expect(answer.locator(".json")).to_contain_text(f'"status": "{status}"')
        expect(answer.get_by_role("link", name=str(ticket.order_id))).to_be_visible()


def test_lists_lead_on_and_only_where_one_may_go(
    page: Page, pages: Pages, live_server: LiveServer
) -> None:
    order(page)
    expect(page.locator("[data-answer] .status")).to_have_text(re.compile("201"))
    page.reload()
    expect(page.get_by_role("link", name="Tickets")).to_have_count(0)
    page.get_by_role("link", name=str(Order.objects.get().public_id)).click()
    page.wait_for_url(f"**{ORDERS}{Order.objects.get().public_id}/")
    User.objects.create_superuser("boss@example.com", PASSWORD)
    rows.ticket(0)
    staff = pages.log_in(live_server.url, "boss@example.com", PASSWORD)
    staff.goto(ORDERS)
    staff.get_by_role("link", name="Tickets").click()
    expect(staff.locator(".json")).to_contain_text('"order_id"')


def test_on_a_telephone_an_option_goes_on_beside_its_box(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.get_by_label("Olives")).to_be_visible()
    # Where the box ends, and where each line of a long text begins.
    box, *lines = page.locator(".option:visible").last.evaluate(
        """label => {
          label.lastChild.textContent = " Extra".repeat(20);
          const range = document.createRange();
          range.selectNodeContents(label.lastChild);
          const lines = [...range.getClientRects()].map(line => line.left);
          return [label.firstChild.getBoundingClientRect().right, ...lines];
        }"""
    )
    assert len(lines) > 1
    assert min(lines) >= box


def test_what_is_not_sold_now_looks_so(page: Page) -> None:
    water, cola = page.get_by_label("Water"), page.get_by_label("Cola")
    expect(water).to_be_disabled()
    expect(water).to_have_css("border-style", "dashed")
    expect(cola).to_have_css("border-style", "solid")


def test_a_page_that_asks_nobody_knows_who_is_there(page: Page) -> None:
    page.goto("/api/v1/menu/")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    expect(page.get_by_role("link", name="Log in")).to_have_count(0)


@pytest.mark.npm
def test_it_finds_nothing_grave_in_either_theme(page: Page) -> None:
    order(page)
    expect(page.locator("[data-answer] .status")).to_have_text(re.compile("201"))
    detail = f"{ORDERS}{Order.objects.get().public_id}/"
    for path in (
        "/api/v1/",
        ORDERS,
        "/api/v1/menu/",
        detail,
        f"{detail}timeline/",
        f"{detail}cancel/",
    ):
        page.goto(path)
        assert axe_violations(page) == []
