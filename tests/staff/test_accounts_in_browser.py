"""Second factors and sessions in a browser: set up, logged in with, seen and ended."""

from typing import Any

import pyotp
import pytest
from pytest_django.live_server_helper import LiveServer

from auth_grpc import services
from auth_grpc.models import SecondFactor, User
from tests.browser.axe import axe_violations
from tests.browser.chromium import QUIET, Pages
from tests.staff.test_browser import EMAIL, PASSWORD

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]
COOK = "cook@example.com"


def next_code(secret: str) -> str:
    """Give a code that was not used yet and is good now, whatever the half minute."""
    return pyotp.TOTP(secret).generate_otp(SecondFactor.objects.get().last_step + 1)


def test_it_sets_up_a_second_factor_and_ends_a_session(
    pages: Pages, live_server: LiveServer, settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    services.create_staff(email=COOK, password=PASSWORD, role="kitchen")
    page = pages.open(live_server.url, viewport={"width": 390, "height": 844})

    def log_in() -> None:
        page.goto(f"/admin/login/?next={QUIET}")
        page.fill("#id_username", COOK)
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")

    log_in()
    page.get_by_text("Nothing opens before you have set yours up").wait_for()
    assert page.get_by_role("img", name="QR code").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    secret = page.inner_text(".account-secret").replace(" ", "")
    page.fill("#id_code", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up").click()
    page.get_by_text("They are shown only now").wait_for()
    assert page.locator(".account-codes li").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(f"**{QUIET}")

    page.context.clear_cookies()
    log_in()
    page.fill("#id_code", "000000")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("The code is wrong").wait_for()
    page.fill("#id_code", next_code(secret))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{QUIET}")

    settings.STAFF_SECOND_FACTOR = "optional"
    User.objects.create_superuser(EMAIL, PASSWORD)
    boss = pages.log_in(live_server.url, EMAIL, PASSWORD)
    boss.goto(f"/admin/auth_grpc/user/{User.objects.get(email=COOK).pk}/change/")
    boss.get_by_text("Chrome on Linux").first.wait_for()
    boss.get_by_role("link", name="End sessions").click()
    boss.get_by_role("button", name="End sessions").click()
    boss.get_by_text("End sessions: 1 changed.").wait_for()
    boss.get_by_text("Nowhere.").wait_for()
    page.reload()
    page.wait_for_url("**/admin/login/**")


@pytest.mark.npm
def test_it_finds_nothing_grave_about_accounts(
    pages: Pages, live_server: LiveServer, settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    boss = User.objects.create_superuser(EMAIL, PASSWORD)
    page = pages.log_in(live_server.url, EMAIL, PASSWORD)
    addresses = {
        "/account/password/": "body",
        "/account/password/sent/": "body",
        "/account/password/done/?staff=1": "body",
        "/account/password/x/y/": "body",
        "/account/second-factor/set-up/": "body",
        f"/admin/auth_grpc/user/{boss.pk}/change/": ".open-sessions",
    }
    found = {}
    for address, within in addresses.items():
        page.goto(address)
        found[address] = axe_violations(page, within=within)
    assert {address: told for address, told in found.items() if told} == {}
