"""One shape for every error under /api/, from views and from before them."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.http import require_safe
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from restaurant import urls as own
from restaurant.browsable.renderer import ApiPages
from restaurant.problems import MEDIA_TYPE, FieldError, ParameterError, Problem, UnlistedCode
from restaurant.problems.catalogue import CATALOGUE
from restaurant.problems.middleware import ProblemMiddleware


class Line(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1, max_value=99)
    options = serializers.ListField(child=serializers.CharField(max_length=3), default=list)


class Order(serializers.Serializer[Any]):
    lines = Line(many=True, allow_empty=False)

    def get_fields(self) -> dict[str, Any]:
        # A name that a pointer must escape.
        odd = serializers.CharField(required=False, max_length=1)
        return {**super().get_fields(), "a/b~c": odd}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs["lines"]) > 2:
            raise serializers.ValidationError("Too many.", "too_many")
        return attrs


class View(APIView):
    """Raises what the test wants, or reads an order."""

    authentication_classes = []
    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer, ApiPages]
    error: Exception | None = None

    def get(self, request: Request) -> Response:
        if View.error:
            raise View.error
        return Response({})

    def post(self, request: Request) -> Response:
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        return Response({})


def plain_view(request: HttpRequest) -> HttpResponse:
    """Not DRF's."""
    if View.error:
        raise View.error
    return HttpResponse("<p>ok</p>")


class Library(exceptions.APIException):
    """Of a library that has its own codes."""

    status_code, default_code = 409, "of_its_own"


urls = ModuleType("tests.problem_urls")
urls.urlpatterns = [  # type: ignore[attr-defined]
    path("api/safe/", require_safe(plain_view)),
    path("api/reader/", lambda request: HttpResponse(str(dict(request.GET)))),
    path("api/view/", View.as_view()),
    path("api/plain/", plain_view),
    path("plain/", plain_view),
    # Django's traceback tells the settings, which name addresses.
    *own.urlpatterns,
]


@pytest.fixture(autouse=True)
def _urls(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = urls
    View.error = None
    yield
    View.error = None


@pytest.fixture(params=[True, False], ids=["debug", "production"])
def client(request: pytest.FixtureRequest, settings: Any) -> Client:
    settings.DEBUG = request.param
    return Client(raise_request_exception=False)


def raising(client: Client, error: Exception, url: str = "/api/view/", **headers: str) -> Any:
    View.error = error
    return client.get(url, headers=headers)


def post(client: Client, body: Any) -> Any:
    return client.post("/api/view/", body, content_type="application/json")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (exceptions.ParseError(), 400, "malformed"),
        (Problem(code="invalid_token"), 401, "invalid_token"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotFound(), 404, "not_found"),
        (Http404("secret details"), 404, "not_found"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=1.2), 429, "throttled"),
        (SuspiciousOperation("secret details"), 400, "bad_request"),
        (exceptions.AuthenticationFailed(), 403, "permission_denied"),
        (Library("It is busy."), 400, "bad_request"),
        (Problem(code="email_taken", detail="It is taken."), 409, "email_taken"),
        (RuntimeError("secret details"), 500, "internal_server_error"),
    ],
)
def test_it_answers_what_a_view_raises(
    client: Client, error: Exception, status: int, code: str
) -> None:
    answer = raising(client, error)
    assert answer.status_code == status
    assert answer["Content-Type"] == MEDIA_TYPE
    body = answer.json()
    assert {"type", "title", "status", "code", "detail", "request_id"} == set(body)
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"/problems/{code}/"
    assert body["title"] == CATALOGUE[code].title
    assert body["detail"].endswith(CATALOGUE[code].advice)
    assert "secret" not in answer.content.decode()
    assert answer.has_header("WWW-Authenticate") == (status == 401)


@pytest.mark.parametrize(
    ("wait", "header"), [(None, None), (0, "1"), (0.2, "1"), (1.2, "2"), (300, "300")]
)
def test_it_says_when_to_come_again(client: Client, wait: float | None, header: str | None) -> None:
    answer = raising(client, Problem(code="unavailable", retry_after=wait))
    assert answer.get("Retry-After") == header


def test_it_carries_a_problem_s_own_errors(client: Client) -> None:
    errors: list[FieldError | ParameterError] = [
        FieldError("/lines/0/sku", "unknown_sku", "There is no dish BURGER."),
        ParameterError("status", "invalid_choice", "There is no status eaten."),
    ]
    body = raising(client, Problem(code="invalid", errors=errors)).json()
    assert body["errors"] == [
        {"pointer": "/lines/0/sku", "code": "unknown_sku", "detail": "There is no dish BURGER."},
        {"parameter": "status", "code": "invalid_choice", "detail": "There is no status eaten."},
    ]


def test_it_takes_no_code_that_is_not_listed() -> None:
    with pytest.raises(UnlistedCode):
        Problem(code="taken")


def test_it_says_what_happened_and_what_to_do(client: Client) -> None:
    advice = CATALOGUE["email_taken"].advice
    told = raising(client, Problem(code="email_taken", detail="It is taken.")).json()["detail"]
    assert told == f"It is taken. {advice}"
    told = raising(client, Problem(code="email_taken")).json()["detail"]
    assert told == f"The e-mail has an account already. {advice}"


@pytest.mark.parametrize(
    ("url", "accept"),
    [
        *(("/api/view/", f"application/{kind}") for kind in ("json", "*")),
        *(("/api/plain/", kind) for kind in ("application/json", "text/plain", "text/html")),
    ],
)
def test_it_shows_nobody_a_traceback(client: Client, url: str, accept: str) -> None:
    answer = raising(client, RuntimeError("secret details"), url, accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (500, MEDIA_TYPE)
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["&".join(f"a{n}=" for n in range(1001)), "a=%ff%00", "%", "a=%ud800"]
)
def test_it_reads_no_query_that_nobody_needs(client: Client, query: str) -> None:
    answer = client.get(f"/api/reader/?{query}")
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert (answer["Content-Type"], answer.json()["code"]) == (MEDIA_TYPE, "bad_request")


def test_it_keeps_what_headers_say_of_an_error(client: Client) -> None:
    answer = client.post("/api/safe/")
    assert (answer.status_code, answer["Content-Type"]) == (405, MEDIA_TYPE)
    assert answer["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, [("/lines", "required")]),
        ({"lines": []}, [("/lines", "too_short")]),
        ({"lines": [{"quantity": 1}, {"quantity": 0}]}, [("/lines/1/quantity", "out_of_range")]),
        (
            {"lines": [{"quantity": 1, "options": ["ok", "long"]}]},
            [("/lines/0/options/1", "too_long")],
        ),
        ({"lines": [{"quantity": 1}], "a/b~c": "xx"}, [("/a~1b~0c", "too_long")]),
        ({"lines": [{"quantity": 1}] * 3}, [("", "too_many")]),
        ([], [("", "invalid")]),
        (
            {"lines": [{}, "text"]},
            [("/lines/0/quantity", "required"), ("/lines/1", "invalid")],
        ),
    ],
)
def test_it_points_at_what_is_not_valid(
    client: Client, body: Any, wanted: list[tuple[str, str]]
) -> None:
    answer = post(client, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == wanted


def test_it_refuses_malformed_json(client: Client) -> None:
    answer = post(client, '{"lines": ')
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_it_answers_for_methods_and_paths_that_are_not_there(client: Client) -> None:
    answer = client.delete("/api/view/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    for answer in (client.get("/api/none/"), client.get("/api/none")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer["Content-Type"] == MEDIA_TYPE


def test_it_keeps_to_the_shape_where_no_drf_view_is(client: Client) -> None:
    for error, status in ((Http404(), 404), (PermissionDenied(), 403), (RuntimeError("x"), 500)):
        answer = raising(client, error, "/api/plain/")
        assert (answer.status_code, answer["Content-Type"]) == (status, MEDIA_TYPE)


def test_it_refuses_foreign_hosts_in_the_same_shape(client: Client) -> None:
    answer = client.get("/api/view", headers={"host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, MEDIA_TYPE)
    assert int(answer["Content-Length"]) == len(answer.content)


def test_it_leaves_pages_outside_the_api_alone(client: Client) -> None:
    for url in ("/plain/", "/none/"):
        answer = raising(client, Http404(), url)
        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("text/html")


def test_it_shows_people_a_page_in_the_browsable_api(client: Client) -> None:
    answer = raising(client, Problem(code="email_taken"), accept="text/html")
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("text/html")
    assert b'href="/problems/email_taken/"' in answer.content


def test_it_refuses_a_big_body_unread(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = post(client, {"a": "x" * 1000})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert post(client, {"a": "x" * 900}).json()["code"] == "invalid"


def test_it_reads_no_further_than_a_wrong_length_says() -> None:
    request = RequestFactory().get("/api/view/")
    request.META["CONTENT_LENGTH"] = "nonsense"
    assert ProblemMiddleware(lambda _: HttpResponse("ok"))(request).status_code == 200


@pytest.mark.parametrize(
    ("sent", "kept"), [("abc-1:2.3_4", True), ("x" * 65, False), ("a b", False), ("é", False)]
)
def test_it_takes_a_decent_request_id(client: Client, sent: str, kept: bool) -> None:
    body = raising(client, Http404(), **{"X-Request-ID": sent}).json()
    assert (body["request_id"] == sent) == kept
    assert body["request_id"]
