"""API8, API9: what answers give away, and what there is that nobody knows of."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from orders.api.views import OrderListView
from tests.openapi.schema import schema
from tests.orders.people import client_of, user
from tests.security.routes import operations

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders"]),
    pytest.mark.usefixtures("menu"),
]
ORDERS = "/api/v1/orders/"


class TestApi8SecurityMisconfiguration:
    """API8:2023."""

    def test_an_error_of_ours_tells_nothing_of_the_inside(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> Any:
            raise RuntimeError("postgres://orders:secret@db")

        settings.DEBUG = False
        monkeypatch.setattr(OrderListView, "get_queryset", broken)
        api = client_of(user())
        api.raise_request_exception = False
        answer = api.get(ORDERS)
        assert answer.status_code == 500
        assert answer["Content-Type"] == "application/problem+json"
        for word in ("secret", "Traceback", "RuntimeError", ".py", "django"):
            assert word not in answer.content.decode()

    def test_no_other_site_s_script_may_read_answers(self) -> None:
        api = APIClient(headers={"Origin": "https://evil.example"})
        for answer in (api.get("/api/v1/menu/"), api.options(ORDERS)):
            assert not [name for name in answer.headers if name.startswith("Access-Control")]

    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW", "PROPFIND"])
    def test_methods_that_nobody_needs_are_refused(self, method: str) -> None:
        assert client_of(user()).generic(method, ORDERS).status_code in (400, 405)

    def test_what_browsers_show_may_load_and_frame_nothing(self) -> None:
        for path in ("/api/v1/menu/", "/api/docs/"):
            page = Client(headers={"Accept": "text/html"}).get(path)
            assert page["X-Content-Type-Options"] == "nosniff"
            assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
            assert "unsafe-inline" not in page["Content-Security-Policy"]

    def test_a_session_alone_changes_nothing(self) -> None:
        from auth_grpc.models import User

        browser = Client(enforce_csrf_checks=True)
        browser.force_login(User.objects.create_superuser(email="o@example.org", password="x"))
        answer = browser.post("/api/v1/menu/COLA/availability/", "{}", "application/json")
        assert answer.status_code == 403

    def test_a_host_that_is_not_ours_is_refused(self) -> None:
        assert Client().get("/api/v1/menu/", headers={"Host": "evil.example"}).status_code == 400


class TestApi9ImproperInventoryManagement:
    """API9:2023."""

    def test_the_schema_tells_of_every_route(self) -> None:
        told = {(m.upper(), path) for path, item in schema()["paths"].items() for m in item}
        assert {(o.method, o.path.replace("{pk}", "{id}")) for o in operations()} <= told

    def test_nothing_is_below_api_that_the_schema_does_not_know(self) -> None:
        """Whatever the makers of schemas leave out is named here."""
        known = {path.strip("/") for path in schema()["paths"]}
        extra = {"api/", "api/schema/", "api/docs/", "api/redoc/"}
        routes = {route for route in _routes(get_resolver()) if route.startswith("api/")}
        left = {r for r in routes if _plain(r).strip("/") not in known}
        assert left <= extra

    @pytest.mark.parametrize("path", ["/api/v0/orders/", "/api/v2/orders/", "/api/orders/"])
    def test_there_is_one_version(self, path: str) -> None:
        assert client_of(user()).get(path).status_code == 404
        assert client_of(user()).get("/api/")["Location"] == "/api/v1/"


def _routes(resolver: URLResolver, before: str = "") -> list[str]:
    found: list[str] = []
    for part in resolver.url_patterns:
        route = before + str(part.pattern)
        found += [route] if isinstance(part, URLPattern) else _routes(part, route)
    return found


def _plain(route: str) -> str:
    """Write a route's converters as the schema does: `<uuid:order_id>` is `{order_id}`."""
    import re

    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).replace("{pk}", "{id}")
