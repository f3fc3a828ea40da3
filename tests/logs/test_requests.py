"""The line of a request: whose, which route, which order; and no lookup for its sake."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils.functional import SimpleLazyObject
from structlog.testing import capture_logs

from restaurant.logs.access import AccessLog

pytestmark = pytest.mark.once
ORDER = "0197a1b2-0000-7000-8000-000000000000"


def fail(_request: HttpRequest) -> HttpResponse:
    raise ValueError("broken")


def say(_request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse("said")


urlpatterns = [
    path("fail/", fail),
    path("say/<uuid:order_id>/", say),
    path("livez", say),
    path("static/app.css", say),
    path("", say),
]


@pytest.fixture
def told(settings: Any) -> Callable[..., Sequence[dict[str, Any]]]:
    """Ask for a path; gives the lines."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["restaurant.logs.access.AccessLog"]
    client = Client(raise_request_exception=False)

    def ask(to: str, **headers: str) -> Sequence[dict[str, Any]]:
        with capture_logs() as lines:
            answer = client.get(to, headers=headers)
        assert answer["X-Request-ID"]
        return [dict(line) for line in lines]

    return ask


def test_it_tells_method_route_status_time_and_order(told: Any) -> None:
    (line,) = told(f"/say/{ORDER}/?token=abc")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request_answered",
        "log_level": "info",
        "method": "GET",
        "route": "say/<uuid:order_id>/",
        "status": 200,
        "order_id": ORDER,
    }


def test_it_names_no_path_that_nobody_serves(told: Any) -> None:
    (line,) = told("/ada@example.com/")
    assert (line["route"], line["status"]) == ("none", 404)
    assert "ada" not in str(line)
    assert told("/")[0]["route"] == "/"


def test_a_failure_has_a_line_of_its_own(told: Any) -> None:
    failed, answered = told("/fail/")
    assert (failed["event"], failed["log_level"], failed["exc_info"]) == (
        "request_failed",
        "error",
        True,
    )
    assert failed["route"] == "fail/"
    assert answered["status"] == 500


@pytest.mark.parametrize("quiet", ["/livez", "/static/app.css"])
def test_probes_and_files_are_not_told_at_info(told: Any, quiet: str) -> None:
    assert told(quiet) == []


def test_it_gives_back_the_id_that_was_sent() -> None:
    asked = HttpRequest()
    asked.META["HTTP_X_REQUEST_ID"] = "proxy-7"
    assert AccessLog(lambda _request: HttpResponse())(asked)["X-Request-ID"] == "proxy-7"


class Somebody:
    pk = 7


@pytest.mark.parametrize(
    ("user", "known"),
    [(Somebody(), {"user_id": "7"}), (AnonymousUser(), {}), (None, {})],
)
def test_it_tells_whose_request_it_was(user: Any, known: dict[str, str]) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.user = user
        return HttpResponse()

    (line,) = lines_of(view)
    assert {name: line[name] for name in line if name == "user_id"} == known


def test_it_looks_nobody_up() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: pytest.fail("looked up"))  # type: ignore[assignment]
        return HttpResponse()

    (line,) = lines_of(view)
    assert "user_id" not in line


def lines_of(view: Callable[[HttpRequest], HttpResponse]) -> Sequence[Any]:
    with capture_logs() as lines:
        AccessLog(view)(HttpRequest())
    return lines


def test_it_goes_around_all_other_middleware() -> None:
    assert settings.MIDDLEWARE[0] == "restaurant.logs.access.AccessLog"
