"""The trail's page in a browser: for everybody, at every width, and a change leads to it."""

import pytest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from kitchen.models import Station
from tests.browser.axe import axe_violations
from tests.browser.chromium import Pages
from tests.staff import rows
from tests.trail.entries import DATABASES

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"

pytestmark = [
    pytest.mark.npm,
    pytest.mark.once,
    pytest.mark.django_db(databases=DATABASES, transaction=True),
]


def test_a_change_is_found_by_the_history_of_its_row(pages: Pages, live_server: LiveServer) -> None:
    User.objects.create_superuser(EMAIL, PASSWORD)
    station = rows.station(1, name="Oven")
    page = pages.log_in(live_server.url, EMAIL, PASSWORD)
    page.goto(reverse("admin:kitchen_station_change", args=[station.pk]))
    page.fill("[name=name]", "Wood fired oven")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_text("was changed successfully").wait_for()
    page.locator("a[href*='/station/'][href*='/history/']").first.click()
    line = page.locator(".trail-line")
    line.wait_for()
    assert "Wood fired oven" in line.inner_text()
    page.get_by_role("link", name="Show everything").click()
    page.get_by_text("Filters").click()
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert Station.objects.get().name == "Wood fired oven"
