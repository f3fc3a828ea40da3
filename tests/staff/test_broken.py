"""When something is broken, people read a page that says so, for which nothing else must work."""

import json
from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, connections
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from kitchen.models import Ticket
from orders.models import Order
from restaurant.staff import start
from tests.boards.staff import client_of
from tests.browser.chromium import Pages
from tests.staff import rows

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.once,
]
START = "/admin/"
BROKEN, ID = "Something went wrong", "of-this-request-1"


@pytest.fixture(autouse=True)
def _in_production(settings: Any) -> None:
    settings.DEBUG = False


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the page that everybody starts on."""

    def fail(*_args: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(start, "address", fail)


def of(role: str) -> Client:
    client = client_of(role)
    client.raise_request_exception = False
    return client


@pytest.mark.usefixtures("fault")
def test_it_says_what_happened_and_leads_on() -> None:
    answer = of("kitchen").get(START, headers={"X-Request-ID": ID})
    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert BROKEN in page
    assert f"<code>{ID}</code>" in page
    assert "whole or not at all" in page
    assert f'href="{START}">Try again' in page
    assert 'href="/admin/">To my start page' in page
    # Nothing of the fault itself is told.
    assert "no such luck" not in page


@pytest.mark.usefixtures("fault")
def test_it_says_so_in_the_readers_language() -> None:
    page = of("kitchen").get(START, headers={"Accept-Language": "ru"}).content.decode()
    assert 'lang="ru"' in page
    assert "Что-то пошло не так" in page
    assert BROKEN not in page


def test_it_needs_no_database_and_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    boss = of("superuser")

    def away(*_args: object, **_more: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(SessionBase, "get", away)
    for alias in connections:
        monkeypatch.setattr(connections[alias], "cursor", away)
    answer = boss.get("/admin/kitchen/ticket/")
    assert (answer.status_code, BROKEN in answer.content.decode()) == (500, True)


def test_it_offers_no_second_try_of_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = rows.ticket(1)

    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("kitchen.services.by_hand.start", fail)
    address = f"/admin/kitchen/ticket/{ticket.pk}/start/"
    answer = of("superuser").post(address, {"_form_submitted": "True"})
    page = answer.content.decode()
    assert (answer.status_code, BROKEN in page, "Try again" in page) == (500, True, False)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.QUEUED


def test_it_answers_programs_in_their_own_form(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("orders.api.views.OrderListView.get", fail)
    client = of("customer")
    answer = client.get("/api/v1/orders/", headers={"X-Request-ID": ID, "Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert json.loads(answer.content)["request_id"] == ID
    assert not Order.objects.exists()


def test_it_says_what_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise SuspiciousOperation("a\x00b")

    monkeypatch.setattr(start, "address", refuse)
    answer = of("kitchen").get(START)
    page = answer.content.decode()
    assert (answer.status_code, "This could not be read" in page) == (400, True)
    assert 'href="/admin/"' in page


@pytest.mark.parametrize("path", ["/no/such/page/", "/account/no/such/page/"])
def test_it_tells_a_stranger_that_there_is_nothing(path: str) -> None:
    answer = Client().get(path)
    page = answer.content.decode()
    assert (answer.status_code, "There is nothing here" in page) == (404, True)
    assert "staff/plain.css" in page
    # No way into a frame that is not theirs.
    assert START not in page


@pytest.mark.usefixtures("fault")
@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_looks_like_the_site(theme: str, pages: Pages, live_server: LiveServer) -> None:
    client = of("kitchen")
    page: Page = pages.open(live_server.url, color_scheme=theme)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(START)
    pages.errors.forgive("500")
    expect(page.get_by_role("heading", name=BROKEN)).to_be_visible()
    ground = {"light": "rgb(255, 255, 255)", "dark": "oklch(0.21 0.034 264.665)"}[theme]
    expect(page.locator("body")).to_have_css("background-color", ground)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True)
def test_it_says_so_in_a_dialog(
    pages: Pages, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("kitchen.services.by_hand.start", fail)
    User.objects.create_superuser("boss@example.com", "correct horse battery staple")
    ticket = rows.ticket(1)
    page = pages.log_in(live_server.url, "boss@example.com", "correct horse battery staple")
    page.goto(f"/admin/kitchen/ticket/{ticket.pk}/change/")
    page.get_by_role("link", name="Start").click()
    dialog = page.locator("#modal-content")
    dialog.get_by_role("button", name="Start").click()
    expect(dialog.get_by_role("heading", name=BROKEN)).to_be_visible()
    expect(dialog.get_by_text("whole or not at all")).to_be_visible()
    pages.errors.forgive("500")
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.QUEUED
