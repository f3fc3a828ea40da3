"""What a manager watches over the restaurant by, as far as axe sees, in both themes."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from redis import Redis

from auth_grpc.models import User
from orders.models import RefusalCount
from restaurant.heartbeat import PROCESSES
from restaurant.staff import watchdog
from restaurant.staff.dashboard import rollup
from restaurant.staff.pipeline import traffic
from tests.browser.axe import axe_violations
from tests.browser.chromium import Errors, Pages
from tests.conftest import Broker
from tests.servers.valkey import Valkey
from tests.staff import random_books, rows
from tests.staff.test_pipeline import beat

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"
DASHBOARD, PIPELINE = "/admin/dashboard/", "/admin/pipeline/"
LETTERS = "/admin/dead-letters/"
WIDTHS = (1440, 390)

pytestmark = [
    pytest.mark.npm,
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def page(pages: Pages, live_server: LiveServer) -> Page:
    User.objects.create_superuser(EMAIL, PASSWORD)
    return pages.log_in(live_server.url, EMAIL, PASSWORD)


def violations(page: Page, prepare: Any = lambda _page: None) -> list[str]:
    """Give what axe finds; and the page must be no wider than any of the screens."""
    found = axe_violations(page, prepare=prepare)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    return found


def fill() -> None:
    now = timezone.now()
    random_books.fill(now - timedelta(days=9), now, count=120, seed=5)
    rollup.catch_up(now=now)
    station = rows.station(1)
    rows.ticket(1, at=station, queued_at=now - timedelta(hours=1))
    rows.courier(1, name="Ana Out")
    rows.delivery(1, status="out_for_delivery", courier=rows.courier(2), dispatched_at=now)
    rows.delivery(2, status="awaiting_courier", waiting_since=now)
    rows.order(1, overdue_since=now - timedelta(hours=1), updated_at=now - timedelta(hours=3))
    RefusalCount.objects.create(at=now, code="body_too_large", count=2)
    rows.menu_item(1)


def open_table(page: Page) -> None:
    page.get_by_text("The charts as a table").click()


def open_counting(page: Page) -> None:
    page.get_by_role("button", name="Count now").click()
    page.get_by_role("dialog", name="Count now").wait_for()


def test_it_finds_nothing_grave_on_the_dashboard(page: Page, errors: Errors) -> None:
    page.goto(DASHBOARD)
    expect(page.get_by_text("No orders in these days")).to_be_visible()
    assert violations(page) == []
    fill()
    page.goto(f"{DASHBOARD}?range=week")
    # Nobody tells the news here: the page says so, and has to be read in that state as well.
    expect(page.locator("[data-stale]")).to_be_visible(timeout=20_000)
    assert violations(page, open_table) == []
    assert violations(page, open_counting) == []
    page.goto(f"{DASHBOARD}?range=century")
    assert violations(page) == []
    errors.forgive("ERR_CONNECTION_REFUSED")


def test_it_finds_nothing_grave_on_a_red_pipeline(page: Page) -> None:
    rows.dead_letter("delivery")
    rows.outbox("kitchen", created_at=timezone.now() - timedelta(minutes=5))
    page.goto(PIPELINE)
    expect(page.get_by_text("Redis does not answer").first).to_be_visible()
    assert violations(page) == []


def test_it_finds_nothing_grave_on_a_healthy_pipeline(
    page: Page, valkey: Valkey, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "SECONDS", 5.0)
    monkeypatch.setattr(traffic, "_asking", traffic._Asking())

    def live(_page: Page) -> None:
        with Redis.from_url(f"{valkey.url}/0") as redis:
            for pid, name in enumerate(PROCESSES, 1):
                beat(redis, name, pid)
        for task in (watchdog, rollup):
            cache.set(task.RAN, timezone.now().isoformat())
        page.reload()
        expect(page.get_by_text("Healthy", exact=True)).to_be_visible()

    page.goto(PIPELINE)
    assert violations(page, live) == []


def test_it_finds_nothing_grave_among_dead_letters(page: Page) -> None:
    page.goto(LETTERS)
    expect(page.get_by_text("No dead letter waits")).to_be_visible()
    assert violations(page) == []
    kind = {"error": "ValueError: no dish", "error_kind": "ValueError: no dish"}
    first, _, decided = (rows.dead_letter("kitchen", **kind) for _ in range(3))
    rows.dead_letter("delivery")
    type(decided).objects.filter(pk=decided.pk).update(
        discarded_at=timezone.now(), discarded_by=EMAIL, discard_reason="A test order"
    )

    def open_group(page: Page) -> None:
        page.get_by_text("order_created, not handled by kitchen").click()
        page.get_by_label(f"Choose letter {first.pk}").check()

    def open_dialog(page: Page) -> None:
        open_group(page)
        page.get_by_role("button", name="Discard chosen").click()
        page.get_by_role("heading", name="Discard: 1").wait_for()

    page.goto(LETTERS)
    assert violations(page) == []
    assert violations(page, open_group) == []
    assert violations(page, open_dialog) == []
    page.goto(f"{LETTERS}?state=decided")
    expect(page.get_by_text("A test order")).to_be_visible()
    assert violations(page) == []
