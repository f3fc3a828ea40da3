"""The staff site in a browser: each page opens without an error, dialogs do their deeds."""

import shutil
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from tests.staff import rows

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "correct horse battery staple"

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def addresses() -> list[str]:
    """A row of every model, and the addresses of its list and of its own page."""
    User.objects.create_superuser("boss@example.com", PASSWORD)
    found = []
    for label, make in rows.ROWS.items():
        row = make(0)
        name = label.lower().replace(".", "_")
        found.append(reverse(f"admin:{name}_changelist"))
        found.append(reverse(f"admin:{name}_change", args=[row.pk]))
    return found


@pytest.fixture
def browser(addresses: list[str]) -> Iterator[Browser]:
    # After the rows are made: Django refuses its database while Playwright's loop runs.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def log_in(browser: Browser, server: LiveServer) -> tuple[Page, list[str]]:
    """Give a page with a session, and the list that its errors go to."""
    context = browser.new_context(base_url=server.url)
    page, errors = context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: errors.append(f"{page.url}: {said.text}") if said.type == "error" else None,
    )
    page.goto(reverse("admin:index"))
    page.fill("#id_username", "boss@example.com")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url(server.url + reverse("admin:index"))
    return page, errors


def test_it_opens_every_page_without_an_error(
    addresses: list[str], browser: Browser, live_server: LiveServer
) -> None:
    page, errors = log_in(browser, live_server)
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert errors == []


def test_it_does_a_deed_by_its_dialog(
    addresses: list[str], browser: Browser, live_server: LiveServer
) -> None:
    page, errors = log_in(browser, live_server)
    page.goto(next(a for a in addresses if "/kitchen/ticket/" in a and a.endswith("/change/")))
    page.get_by_role("link", name="Start").click()
    page.get_by_text("The ticket is started ahead of its turn").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Start: 1 changed.").wait_for()
    page.get_by_role("link", name="Bump").wait_for()
    assert errors == []


def test_it_shows_what_a_dialog_lacks(
    addresses: list[str], browser: Browser, live_server: LiveServer
) -> None:
    page, errors = log_in(browser, live_server)
    page.goto(next(a for a in addresses if "/delivery/delivery/" in a and "/change/" in a))
    page.get_by_role("link", name="Give up").click()
    page.get_by_role("button", name="Give up").click()
    page.get_by_text("This field is required").wait_for()
    page.fill("#dialog input[name=reason]", "The street is flooded")
    page.get_by_role("button", name="Give up").click()
    page.get_by_text("Give up: 1 changed.").wait_for()
    assert errors == []
