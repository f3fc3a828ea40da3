"""The menu in a browser: dragged or moved by keys into order, 86'd in a click, imported."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from orders import services
from orders.menu.importing import import_menu
from orders.models import Category, MenuItem, Option, OptionGroup
from tests.browser.axe import axe_violations
from tests.browser.chromium import Pages
from tests.orders.people import MENU

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"
LIST = "/admin/orders/menuitem/"

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def boss(pages: Pages, live_server: LiveServer, tmp_path: Path) -> Page:
    from orders.menu.file import as_json

    path = tmp_path / "menu.json"
    path.write_bytes(as_json(MENU))
    import_menu(path)
    User.objects.create_superuser(EMAIL, PASSWORD)
    return pages.log_in(live_server.url, EMAIL, PASSWORD)


def drag(page: Page, handle: Any, to: Any) -> None:
    # Away from what sticks to the page's ends.
    to.evaluate("(part) => part.scrollIntoView({ block: 'center' })")
    start, end = handle.bounding_box(), to.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + 4, steps=4)
    page.mouse.move(end["x"] + 20, end["y"] + 2, steps=12)
    page.mouse.up()


def drinks() -> list[str]:
    return [item.sku for item in Category.objects.get(name="Drinks").items.all()]


def wait_for(happened: Callable[[], bool], page: Page) -> None:
    for _ in range(300):
        if happened():
            return
        page.wait_for_timeout(100)
    assert happened()


def test_it_is_put_in_order_by_dragging_and_by_keys(boss: Page) -> None:
    boss.goto(f"{LIST}arrange/")
    rows = boss.locator("li[data-menu-part]")
    drag(boss, rows.filter(has_text="WATER").locator(".menu-handle"), rows.filter(has_text="COLA"))
    expect(boss.locator("[data-menu-status]")).to_have_text("Not saved yet.")
    boss.get_by_role("button", name="Save the order").click()
    boss.get_by_text("Saved.").wait_for()
    assert drinks() == ["WATER", "COLA"]

    button = boss.get_by_role("button", name="Move Cola up")
    button.press("Enter")
    expect(boss.locator("[data-menu-status]")).to_have_text("Cola: place 1 in Drinks")
    expect(button).to_be_focused()
    button.press("Enter")
    expect(boss.locator("[data-menu-status]")).to_have_text("Cola: place 2 in Pizza")
    boss.get_by_role("button", name="Save the order").press("Enter")
    boss.get_by_text("Saved.").wait_for()
    assert drinks() == ["WATER"]


def test_it_is_taken_off_and_put_back_in_one_click(boss: Page) -> None:
    boss.goto(LIST)
    boss.get_by_role("button", name="86 Cola").click()
    back = boss.get_by_role("button", name="Put back Cola")
    expect(back).to_be_focused()
    assert not MenuItem.objects.get(sku="COLA").available
    expect(boss.get_by_text("Cola is 86'd.")).to_be_visible()
    back.press("Enter")
    boss.get_by_role("button", name="86 Cola").wait_for()
    assert MenuItem.objects.get(sku="COLA").available
    assert boss.url.endswith(LIST)


def test_a_group_and_its_options_are_added_inline(boss: Page) -> None:
    item = MenuItem.objects.get(sku="COLA")
    boss.goto(f"{LIST}{item.pk}/change/")
    boss.get_by_text("Add another Option group").click()
    group = "option_groups-1"
    boss.fill(f"[name={group}-name]", "Glass")
    boss.fill(f"[name={group}-max]", "1")
    row = boss.locator(f"#{group}-options-data, [id='{group}-options-data']").first
    for at, (sku, name) in enumerate((("SMALL", "Small"), ("TALL", "Tall"))):
        row.get_by_text("Add another Option").click()
        boss.fill(f"[name={group}-options-{at}-sku]", sku)
        boss.fill(f"[name={group}-options-{at}-name]", name)
        boss.fill(f"[name={group}-options-{at}-price]", f"0.{at}0")
    boss.get_by_role("button", name="Save and continue editing").click()
    boss.get_by_text("was changed successfully").wait_for()
    glass = OptionGroup.objects.get(item=item, name="Glass")
    assert [(o.sku, o.position) for o in glass.options.all()] == [("SMALL", 0), ("TALL", 1)]

    options = boss.locator(f"[id='{group}-options-data'] > tbody.original")
    drag(boss, options.nth(1).locator(".cursor-move"), options.nth(0))
    boss.get_by_role("button", name="Save and continue editing").click()
    wait_for(lambda: Option.objects.get(sku="TALL").position == 0, boss)
    assert [o.sku for o in glass.options.all()] == ["TALL", "SMALL"]


def test_an_import_is_shown_before_it_happens(boss: Page, tmp_path: Path) -> None:
    boss.goto(LIST)
    data = boss.request.get(f"{boss.url}export/csv/").body()
    path = tmp_path / "menu.csv"
    path.write_bytes(data.replace(b",9.50,", b",soon,"))
    boss.get_by_role("link", name="Import").click()
    boss.set_input_files("[name=file]", path)
    boss.get_by_role("button", name="Show what would change").click()
    boss.get_by_text("row 2, price: 'soon' does not fit").wait_for()

    path.write_bytes(data.replace(b",9.50,", b",8.00,"))
    boss.set_input_files("[name=file]", path)
    boss.get_by_role("button", name="Show what would change").click()
    boss.get_by_role("cell", name="8.00").wait_for()
    assert MenuItem.objects.get(sku="MARGHERITA").price == Decimal("9.50")
    boss.set_viewport_size({"width": 390, "height": 900})
    assert boss.evaluate("document.documentElement.scrollWidth") <= 390
    boss.get_by_role("button", name="Import").click()
    boss.get_by_text("Imported: 0 added, 1 changed, 0 removed.").wait_for()
    assert MenuItem.objects.get(sku="MARGHERITA").price == Decimal("8.00")


@pytest.mark.npm
def test_everybody_can_read_the_menus_pages(boss: Page) -> None:
    item = MenuItem.objects.get(sku="MARGHERITA")
    services.set_availability(sku="COLA", available=False)
    for page in ("", f"{item.pk}/change/", "arrange/", "prices/", "import/"):
        boss.goto(LIST + page)
        assert axe_violations(boss) == [], page
