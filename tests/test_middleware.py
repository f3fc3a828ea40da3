"""What an API client's request skips, and what it must not inherit from a person's."""

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from restaurant.middleware import has_token

BEARER = {"Authorization": "Bearer not-a-token"}


@pytest.mark.parametrize(
    ("path", "header", "expected"),
    [
        ("/api/v1/orders/", "Bearer abc", True),
        ("/api/v1/orders/", "", False),
        ("/api/v1/orders/", "Basic abc", False),
        ("/admin/", "Bearer abc", False),
    ],
)
def test_it_knows_a_client_by_path_and_token(path, header, expected):
    request = RequestFactory().get(path, HTTP_AUTHORIZATION=header)
    assert has_token(request) is expected


def test_it_keeps_a_thread_s_last_language_from_a_client():
    translation.activate("ru")
    answer = Client().get("/api/v1/nowhere/", headers=BEARER)
    assert answer.status_code == 404
    assert translation.get_language() == "en"


def test_it_speaks_the_language_that_a_client_asks_for():
    Client().get("/api/v1/nowhere/", headers={**BEARER, "Accept-Language": "ru"})
    assert translation.get_language() == "ru"
    translation.activate("en")


@pytest.mark.django_db
def test_it_serves_the_staff_site_to_a_request_that_brings_a_token():
    answer = Client().get("/admin/", headers=BEARER)
    assert answer.status_code == 302


def test_it_sets_no_cookie_for_a_client():
    answer = Client().get("/api/v1/nowhere/", headers=BEARER)
    assert not answer.cookies


@pytest.mark.parametrize("debug", [True, False])
def test_it_loses_no_body_on_the_way_to_the_slash(settings, debug):
    settings.DEBUG = debug
    client = Client(raise_request_exception=False)
    assert client.get("/api/v1/menu")["Location"] == "/api/v1/menu/"
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)("/api/v1/orders", headers=BEARER)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert "slash" in answer.json()["detail"]
