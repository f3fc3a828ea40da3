"""The staff site in a browser: each page opens without an error, dialogs do their deeds."""

import pytest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from tests.browser.chromium import Pages
from tests.staff import rows

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def addresses() -> list[str]:
    """A row of every model, and the addresses of its list and of its own page."""
    User.objects.create_superuser(EMAIL, PASSWORD)
    found = []
    for label, make in rows.ROWS.items():
        row = make(0)
        name = label.lower().replace(".", "_")
        found.append(reverse(f"admin:{name}_changelist"))
        found.append(reverse(f"admin:{name}_change", args=[row.pk]))
    return found


def test_it_opens_every_page_without_an_error(
    addresses: list[str], pages: Pages, live_server: LiveServer
) -> None:
    page = pages.log_in(live_server.url, EMAIL, PASSWORD)
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_it_does_a_deed_by_its_dialog(
    addresses: list[str], pages: Pages, live_server: LiveServer
) -> None:
    page = pages.log_in(live_server.url, EMAIL, PASSWORD)
    page.goto(next(a for a in addresses if "/kitchen/ticket/" in a and a.endswith("/change/")))
    page.get_by_role("link", name="Start").click()
    page.get_by_text("The ticket is started ahead of its turn").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Start: 1 changed.").wait_for()
    page.get_by_role("link", name="Bump").wait_for()


def test_it_shows_what_a_dialog_lacks(
    addresses: list[str], pages: Pages, live_server: LiveServer
) -> None:
    page = pages.log_in(live_server.url, EMAIL, PASSWORD)
    page.goto(next(a for a in addresses if "/delivery/delivery/" in a and "/change/" in a))
    page.get_by_role("link", name="Give up").click()
    page.get_by_role("button", name="Give up").click()
    page.get_by_text("This field is required").wait_for()
    page.fill("#dialog input[name=reason]", "The street is flooded")
    page.get_by_role("button", name="Give up").click()
    page.get_by_text("Give up: 1 changed.").wait_for()
