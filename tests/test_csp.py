"""What each page's content policy allows: nothing unsafe but where a library needs it."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from auth_grpc.models import User
from restaurant.csp import Policies, strict

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
]
HEADER = "Content-Security-Policy"
STRICT = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "form-action": {"'self'"},
}
BOARDS = ["/admin/kitchen/board/", "/admin/delivery/board/"]
LIVE = "http://testserver:8001"
# Orders are followed from there.
TRIES_OUT = {"img-src": {"'self'", "data:"}, "connect-src": {"'self'", LIVE}}


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


def policy(answer: Any) -> dict[str, set[str]]:
    parts = (part.split() for part in answer[HEADER].split(";"))
    return {name: set(sources) for name, *sources in parts}


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/livez",
            "/readyz",
            "/api/schema/",
            "/api/docs/",
            "/api/docs/?script=",
            "/i18n/setlang/",
            "/nowhere",
        ),
        *("/api/v1/menu/", "/api/v1/orders/", "/api/v1/kitchen/tickets/", "/api/v1/nowhere/"),
        *("/static/staff/staff.css", "/administrator/", "/"),
    ],
)
def test_it_is_strict(path: str, browser: Client) -> None:
    answer = browser.get(path)
    allowed = TRIES_OUT if path.startswith("/api/docs/") else {}
    if path != "/api/v1/nowhere/":
        assert policy(answer) == {**STRICT, **allowed}
    else:
        assert answer["Content-Type"] == "application/problem+json"


def test_it_lets_the_staff_site_do_what_unfold_needs(browser: Client) -> None:
    for path in ("/admin/", "/admin/login/", reverse("admin:orders_order_changelist")):
        found = policy(browser.get(path))
        assert found["script-src"] == {"'self'", "'unsafe-eval'"}
        assert found["style-src-attr"] == {"'unsafe-inline'"}
        styles = found["style-src"] - {"'self'"}
        assert all(source.startswith("'sha256-") for source in styles)
        rest = found.keys() - {"script-src", "style-src", "style-src-attr"}
        assert {name: found[name] for name in rest} == {
            name: STRICT[name] for name in STRICT.keys() - {"script-src", "style-src"}
        }


def test_it_lets_redoc_style_itself_and_nothing_else(browser: Client) -> None:
    found = policy(browser.get("/api/redoc/"))
    assert found.pop("style-src-elem") == {"'self'", "'unsafe-inline'"}
    assert found.pop("worker-src") == {"blob:"}
    assert found.pop("img-src") == {"'self'", "data:"}
    assert not any("unsafe" in source for sources in found.values() for source in sources)


@pytest.mark.parametrize("path", BOARDS)
def test_it_is_strict_on_boards_but_for_the_live_streams(path: str, browser: Client) -> None:
    assert policy(browser.get(path)) == {**STRICT, "connect-src": {"'self'", LIVE}}


@strict
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize(
    ("live_url", "sources"),
    [
        ("", {"'self'", LIVE}),
        ("/", {"'self'"}),
        ("https://live.example/streams/", {"'self'", "https://live.example"}),
    ],
)
def test_it_names_the_origin_of_the_live_streams(
    live_url: str, sources: set[str], settings: Any
) -> None:
    settings.LIVE_URL = live_url
    answer = Policies(page)(RequestFactory().get("/admin/kitchen/anything/"))
    assert policy(answer) == {**STRICT, "connect-src": sources}


def test_it_costs_a_program_nothing() -> None:
    request = RequestFactory().get("/api/v1/menu/", HTTP_AUTHORIZATION="Bearer x")
    assert HEADER not in Policies(page)(request)
