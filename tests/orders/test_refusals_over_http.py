"""Over real HTTP: what is refused before any view, or breaks in one, is counted too, and once."""

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import OperationalError
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from orders import refusals, services
from orders.errors import IntakeUnavailable
from orders.models import Order, RefusalCount
from tests.orders.people import ORDER

URL = "/api/v1/orders/"
TOO_BIG = json.dumps({**ORDER, "note": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})

pytestmark = pytest.mark.django_db(databases=["default", "orders"], transaction=True)
Ask = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def _none_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "_tally", refusals.Tally())


@pytest.fixture
def ask(live_server: LiveServer, client: Client) -> Ask:
    """Send a request as somebody who is signed in; gives the status and the problem's code."""
    client.force_login(User.objects.create_user("ana@example.com"))
    token = _get_new_csrf_string()
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    signed_in = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token,
    }

    def send(body: str, path: str = URL, method: str = "POST", **headers: str) -> tuple[int, str]:
        at = urlsplit(live_server.url)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
        given = {"Content-Type": "application/json", **signed_in, **headers}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content).get("code", "")

    return send


def counted() -> dict[str, int]:
    refusals.flush()
    return dict(RefusalCount.objects.values_list("code", "count"))


def broken(error: Exception) -> Callable[..., Any]:
    def place_order(**_: Any) -> Any:
        raise error

    return place_order


def test_it_counts_a_body_that_is_too_big(menu: None, ask: Ask) -> None:
    for headers in ({}, {"Cookie": ""}):
        assert ask(TOO_BIG, **headers) == (413, "body_too_large")
    assert counted() == {"body_too_large": 2}
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("path", "method"), [("/api/v1/menu/COLA/availability/", "POST"), (URL, "PUT")]
)
def test_it_counts_no_big_body_that_asks_for_no_order(
    menu: None, ask: Ask, path: str, method: str
) -> None:
    assert ask(TOO_BIG, path, method)[0] == 413
    assert ask("{}", "/api/v1/nothing/")[0] == 404
    assert counted() == {}


@pytest.mark.parametrize("debug", [True, False])
def test_it_counts_an_error_of_the_server_once(
    menu: None, ask: Ask, monkeypatch: pytest.MonkeyPatch, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    monkeypatch.setattr(services, "place_order", broken(RuntimeError("a bug")))
    assert ask(json.dumps(ORDER)) == (500, "internal_server_error")
    assert counted() == {"internal_server_error": 1}


@pytest.mark.parametrize("error", [IntakeUnavailable("too many wait"), OperationalError("away")])
def test_it_tells_orders_that_could_not_be_taken_from_dishes_that_are_86d(
    menu: None, ask: Ask, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    water = json.dumps({**ORDER, "lines": [{"sku": "WATER", "quantity": 1}]})
    assert ask(water) == (400, "invalid")
    monkeypatch.setattr(services, "place_order", broken(error))
    assert ask(json.dumps(ORDER)) == (503, "unavailable")
    assert counted() == {"unavailable": 1, "intake_unavailable": 1}


def test_it_counts_nothing_of_an_order_that_is_taken(
    menu: None, placed_here: None, ask: Ask
) -> None:
    status, _ = ask(json.dumps(ORDER))
    assert status == 201
    assert Order.objects.count() == 1
    assert counted() == {}


def test_it_still_refuses_when_the_count_fails(
    menu: None, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "count", lambda code: 1 / 0)
    assert ask(TOO_BIG) == (413, "body_too_large")
