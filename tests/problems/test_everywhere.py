"""From every path of the real API an error has the one shape, whoever answers it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from rest_framework.test import APIClient

from restaurant.environment.formats import Rate
from restaurant.limits.limiter import limiter
from restaurant.problems import MEDIA_TYPE
from restaurant.problems.catalogue import CATALOGUE
from tests.orders.people import ORDER, client_of, user

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
ORDERS, MENU, LOGIN = "/api/v1/orders/", "/api/v1/menu/", "/api/v1/auth/login/"
TICKETS, STATIONS = "/api/v1/kitchen/tickets/", "/api/v1/kitchen/stations/"
DELIVERIES, ME = "/api/v1/delivery/deliveries/", "/api/v1/delivery/couriers/me/"
Ask = Callable[[APIClient], Any]
MANY = "&".join(f"f{n}=" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
BIG = "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def get(path: str, **headers: str) -> Ask:
    return lambda client: client.get(path, headers=headers)


def post(path: str, body: str, kind: str = "application/json", **headers: str) -> Ask:
    return lambda client: client.post(path, body, content_type=kind, headers=headers)


ERRORS: dict[str, tuple[Ask, str]] = {
    "an unknown host": (get(MENU, host="evil.example"), "bad_request"),
    "too many fields": (get(f"{MENU}?{MANY}"), "bad_request"),
    "no path of ours": (get("/api/v1/nowhere/"), "not_found"),
    "no version of ours": (get("/api/orders/"), "not_found"),
    "no slash": (post("/api/v1/orders", "{}"), "not_found"),
    "no such order": (get(f"{ORDERS}01977777-7777-7777-8777-777777777777/"), "not_found"),
    "no id": (get(f"{ORDERS}1042/"), "not_found"),
    "no method": (lambda client: client.generic("BREW", MENU), "method_not_allowed"),
    "no method of the schema": (lambda client: client.post("/api/schema/"), "method_not_allowed"),
    "no method of its page": (lambda client: client.put("/api/docs/"), "method_not_allowed"),
    "no media type of the schema": (get("/api/schema/", accept="image/png"), "not_acceptable"),
    "no media type": (get(MENU, accept="image/png"), "not_acceptable"),
    "no version": (get(ORDERS, **{"If-Match": '"x"'}), "precondition_failed"),
    "no JSON": (post(ORDERS, "{"), "malformed"),
    "no JSON of an account": (post(LOGIN, "{"), "malformed"),
    "no order": (post(ORDERS, "{}"), "invalid"),
    "no account": (post(LOGIN, "[]"), "invalid"),
    "another type": (post(ORDERS, "a=b", "text/plain"), "unsupported_media_type"),
    "another type of an account": (post(LOGIN, "a=b", "text/plain"), "unsupported_media_type"),
    "a big body": (post(ORDERS, BIG + "{}"), "body_too_large"),
    "a big body of nobody": (post("/api/v1/nowhere/", BIG + "{}"), "body_too_large"),
    "a bad key": (
        post(ORDERS, json.dumps(ORDER), **{"Idempotency-Key": "\t"}),
        "bad_idempotency_key",
    ),
    "an unknown parameter": (get(f"{MENU}?colour=red"), "unknown_parameter"),
    "an unknown parameter of the schema": (get("/api/schema/?colour=red"), "unknown_parameter"),
    "no language of the schema": (get("/api/schema/?lang=xx"), "invalid"),
    "an unknown parameter of a page": (
        get("/api/redoc/?colour=red", accept="text/html"),
        "unknown_parameter",
    ),
    "a repeated parameter": (get(f"{ORDERS}?cursor=1&cursor=2"), "repeated_parameter"),
    "no cursor": (get(f"{ORDERS}?cursor=x"), "bad_cursor"),
    "no right": (get("/api/v1/kitchen/tickets/"), "permission_denied"),
    "accounts away": (post(LOGIN, '{"email": "a@b.c", "password": "x"}'), "auth_unavailable"),
}


def whole(answer: Any, code: str) -> dict[str, Any]:
    """Hold an answer to the shape and the catalogue, and give its body."""
    kind = CATALOGUE[code]
    assert (answer.status_code, answer["Content-Type"]) == (kind.status, MEDIA_TYPE)
    body: dict[str, Any] = json.loads(answer.content)
    known = {"type", "title", "status", "code", "detail", "request_id"}
    assert known <= set(body) <= known | {"errors"}
    assert (body["code"], body["type"], body["title"]) == (code, kind.type, kind.title)
    assert body["detail"].endswith(kind.advice)
    assert body["request_id"] == answer["X-Request-ID"]
    for part in body.get("errors", ()):
        assert {"code", "detail"} < set(part) <= {"code", "detail", "pointer", "parameter"}
        assert len(part) == 3
    if kind.status in (429, 503):
        assert int(answer["Retry-After"]) >= 1
    return body


@pytest.mark.parametrize("name", ERRORS)
def test_it_has_the_one_shape(name: str) -> None:
    ask, code = ERRORS[name]
    whole(ask(client_of(user())), code)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", ["//api/v1/orders/", "/API/v1/orders/", "/v1/orders/"])
def test_a_program_with_a_wrong_address_is_told_so_in_it(
    settings: Any, path: str, debug: bool
) -> None:
    settings.DEBUG = debug

    def ask(accept: str, method: str = "GET") -> Any:
        client = APIClient(raise_request_exception=False)
        # The client would take two slashes for the begin of a host.
        more: Any = {"PATH_INFO": path, "HTTP_ACCEPT": accept, "HTTP_ACCEPT_LANGUAGE": "en"}
        return client.generic(method, "/", **more)

    for accept in ("application/json", "application/json, text/plain;q=0.5"):
        for method in ("GET", "POST"):
            whole(ask(accept, method), "not_found")
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "image/png"):
        page = ask(accept, "POST")
        assert (page.status_code, page["Content-Type"][:9]) == (404, "text/html")
        assert "Accept" in page["Vary"]


def test_nobody_is_told_how_to_log_in() -> None:
    answer = APIClient().get(ORDERS)
    whole(answer, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


# A request of each service's, and what it needs.
BREAKING: dict[str, tuple[Ask, str]] = {
    "the menu": (get(MENU, accept="application/json"), "orders.menu.compiled.current"),
    "an order": (post(ORDERS, json.dumps(ORDER)), "orders.services.place_order"),
    "tickets": (get(TICKETS), "kitchen.api.views.TicketViewSet.get_queryset"),
    "a station": (post(f"{STATIONS}oven/close/", ""), "kitchen.services.set_station_open"),
    "deliveries": (get(DELIVERIES), "delivery.api.views.DeliveryViewSet.get_queryset"),
    "a courier": (get(ME), "delivery.api.views.own_courier"),
    "a login": (post(LOGIN, '{"email": "a@b.c", "password": "x"}'), "auth_grpc.client.login"),
}
RIGHTS = (
    *("kitchen.view_ticket", "kitchen.change_station"),
    *("delivery.view_delivery", "delivery.carry_delivery"),
)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("secret"), "internal_server_error"),
        (OperationalError("secret"), "unavailable"),
    ],
)
@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_is_told_in_it(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    debug: bool,
    error: Exception,
    code: str,
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    settings.DEBUG = debug
    ask, part = BREAKING[name]
    monkeypatch.setattr(part, broken)
    client = client_of(user(*RIGHTS))
    client.raise_request_exception = False
    answer = ask(client)
    whole(answer, code)
    assert b"secret" not in answer.content


@pytest.mark.usefixtures("valkey")
def test_who_asks_too_often_is_told_in_it(settings: Any) -> None:
    limiter.forget()
    settings.LIMIT_READING = Rate(1, 3600)
    client = client_of(user())
    assert client.get(MENU).status_code == 200
    whole(client.get(MENU), "throttled")
    limiter.forget()
