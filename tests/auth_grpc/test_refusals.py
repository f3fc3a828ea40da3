"""Who asks is told what is wrong with that, as RFC 6750 has it, and what to do."""

from typing import Any

import pytest
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from auth_grpc.models import User
from auth_grpc.services import Tokens
from restaurant.problems import MEDIA_TYPE

ORDERS, LOGOUT = "/api/v1/orders/", "/api/v1/auth/logout/"
JSON = "application/json"


def is_told(answer: Any, status: int, code: str) -> str:
    """Hold an answer to a problem's status and code, and give its detail."""
    assert (answer.status_code, answer["Content-Type"]) == (status, MEDIA_TYPE)
    assert answer.json()["code"] == code
    return str(answer.json()["detail"])


@pytest.mark.parametrize(
    ("sent", "code", "challenge"),
    [
        ("Bearer not-a-token", "invalid_token", 'Bearer realm="api", error="invalid_token"'),
        ("bearer x", "invalid_token", 'Bearer realm="api", error="invalid_token"'),
        ("Basic YTpi", "not_authenticated", 'Bearer realm="api"'),
        ("", "not_authenticated", 'Bearer realm="api"'),
    ],
)
@pytest.mark.usefixtures("server")
def test_a_token_that_was_sent_is_said_to_be_none(sent: str, code: str, challenge: str) -> None:
    answer = Client().get(ORDERS, headers={"Authorization": sent} if sent else {})
    is_told(answer, 401, code)
    assert answer["WWW-Authenticate"] == challenge


@pytest.mark.parametrize("path", ["refresh", "logout"])
@pytest.mark.usefixtures("server")
def test_who_cannot_refresh_is_told_to_log_in(path: str) -> None:
    answer = Client().post(f"/api/v1/auth/{path}/", {"refresh": "x"}, content_type=JSON)
    told = is_told(answer, 401, "invalid_refresh_token")
    assert told == "The refresh token is not valid. Log in again."


@pytest.mark.django_db(databases=["default", "orders"])
def test_a_page_without_its_token_is_told_what_is_missing() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("ana@example.com"))
    told = is_told(client.post(ORDERS, {}, content_type=JSON), 403, "csrf_failed")
    assert "X-CSRFToken" in told
    client.cookies["csrftoken"] = token = _get_new_csrf_string()
    answer = client.post(ORDERS, {}, content_type=JSON, headers={"X-CSRFToken": token})
    is_told(answer, 400, "invalid")


@pytest.mark.usefixtures("server")
def test_an_answer_without_content_says_nothing_of_it(tokens: Tokens) -> None:
    answer = Client().post(LOGOUT, {"refresh": tokens.refresh}, content_type=JSON)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not {"Content-Length", "Content-Type"} & set(answer.headers)
