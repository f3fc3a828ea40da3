"""Pages that everybody can use, as far as axe sees: no grave violation in either theme."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from orders.models import MenuItem, Option, OptionGroup
from tests.browser.axe import axe_violations
from tests.browser.chromium import Errors, Pages
from tests.staff import rows

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"
LISTS = ("orders.Order", "orders.MenuItem", "kitchen.Ticket", "kitchen.DeadLetter")
# Between them they have buttons of every colour.
FORMS = (
    *("orders.Order", "orders.MenuItem", "kitchen.Station", "kitchen.DeadLetter"),
    *("delivery.Courier", "delivery.Delivery"),
)

pytestmark = [
    pytest.mark.npm,
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def page(pages: Pages, live_server: LiveServer) -> Page:
    User.objects.create_superuser(EMAIL, PASSWORD)
    return pages.log_in(live_server.url, EMAIL, PASSWORD)


def address(label: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_{page}", args=args)


def test_it_finds_nothing_grave_on_the_staff_site(page: Page) -> None:
    made = {label: rows.ROWS[label](0) for label in {*LISTS, *FORMS}}
    MenuItem.objects.update(available=False)
    addresses = [
        "/admin/password_change/",
        *(address(label, "changelist") for label in LISTS),
        *(address(label, "change", made[label].pk) for label in FORMS),
    ]
    found = {path: axe_violations(_at(page, path)) for path in addresses}
    assert {path: told for path, told in found.items() if told} == {}


def test_it_finds_nothing_grave_where_users_are_edited(page: Page) -> None:
    user = rows.user(1)
    user.set_password(PASSWORD)
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    # Every tab, for what is hidden is not looked at.
    path = address("auth_grpc.User", "change", user.pk)
    assert axe_violations(_at(page, path), prepare=_all_tabs) == []
    assert axe_violations(_at(page, address("auth_grpc.User", "add"))) == []
    role = address("auth.Group", "change", user.groups.get().pk)
    assert axe_violations(_at(page, role)) == []


def test_it_finds_nothing_grave_where_prices_change(page: Page) -> None:
    item = rows.menu_item(1)
    group = OptionGroup.objects.create(item=item, name="Size")
    Option.objects.create(group=group, sku="SIZE-L", name="Large", price="3.00")
    path = f"{address('orders.MenuItem', 'changelist')}prices/"

    def preview(page: Page) -> None:
        page.goto(path)
        page.get_by_label("What changes").select_option("both")
        page.get_by_label("Percent").fill("10")
        page.get_by_role("button", name="Show the new prices").click()
        page.get_by_role("button", name="Change the prices").wait_for()

    assert axe_violations(_at(page, path)) == []
    assert axe_violations(page, prepare=preview) == []


def test_it_finds_nothing_grave_where_people_log_in(pages: Pages, live_server: LiveServer) -> None:
    assert axe_violations(_at(pages.open(live_server.url), "/admin/login/")) == []


def test_it_would_find_what_is_grave(page: Page, errors: Errors) -> None:
    """The guard is awake, on a page with a strict policy too."""

    def spoil(page: Page) -> None:
        page.evaluate("document.querySelector('h1').style.color = 'rgb(120 120 120 / 0.3)'")
        page.evaluate("document.body.append(document.createElement('select'))")

    told = axe_violations(_at(page, "/admin/kitchen/board/"), prepare=spoil)
    # Nothing serves live streams here.
    errors.forgive("ERR_CONNECTION_REFUSED")
    for theme in ("light", "dark"):
        assert any(one.startswith(f"{theme} color-contrast: h1") for one in told)
        assert any(one.startswith(f"{theme} select-name: select") for one in told)


def _all_tabs(page: Page) -> None:
    page.evaluate("""() => {
        for (const part of document.querySelectorAll("form [x-show^=activeTab]")) {
            part.style.display = "";
        }
    }""")
    expect(page.get_by_role("group", name="User permissions")).to_be_visible()


def _at(page: Page, path: str) -> Page:
    page.goto(path)
    return page
