"""An error's detail is in one language: that of `Accept-Language`."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from rest_framework.test import APIClient

from restaurant.problems.catalogue import KINDS, Kind
from restaurant.problems.problem import told
from tests.orders.people import ORDER, client_of, post, user
from tests.problems.test_everywhere import ERRORS, LOGIN, MENU, ORDERS

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
REGISTER = "/api/v1/auth/register/"
# Two words in a row, beside what is written as code. Names of one word stay as they are.
_ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
_CODE = re.compile(r"`[^`]*`|«[^»]*»")
RUSSIAN = {"Accept-Language": "ru"}
# Before any middleware speaks a language, and after.
PLACES = {
    "a body too big": ("POST", ORDERS, {"CONTENT_LENGTH": "70000"}),
    "a body without a length": ("POST", ORDERS, {"HTTP_TRANSFER_ENCODING": "chunked"}),
    "an unknown host": ("GET", MENU, {"HTTP_HOST": "evil.example"}),
    "no such path": ("GET", "/api/v1/nowhere/", {}),
    "another version": ("GET", MENU, {"HTTP_IF_MATCH": '"x"'}),
    "a view's own": ("POST", LOGIN, {}),
}


def is_russian(text: str) -> bool:
    bare = _CODE.sub("", text)
    return bool(re.search("[\u0430-\u044f]", bare)) and not _ENGLISH.search(bare)


def details(answer: Any) -> Iterator[str]:
    members = answer.json()
    yield members["detail"]
    yield from (part["detail"] for part in members.get("errors", ()))


@pytest.fixture
def russian() -> APIClient:
    client = client_of(user())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ru"
    return client


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_kind_is_told_in_it(kind: Kind) -> None:
    with override("ru"):
        assert is_russian(told(kind)), told(kind)
    assert _ENGLISH.search(told(kind))


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_is_told_in_it(name: str, russian: APIClient) -> None:
    ask, _code = ERRORS[name]
    answer = ask(russian)
    for text in details(answer):
        assert is_russian(text), text
    assert "Accept-Language" in answer["Vary"]
    assert answer["Content-Language"] == "ru"


@pytest.mark.usefixtures("menu")
def test_so_is_every_mistake_in_an_order(russian: APIClient) -> None:
    pizza: dict[str, Any] = {"sku": "MARGHERITA", "quantity": 1}
    lines: list[Any] = [
        *({"sku": "NOPE", "quantity": 1}, {"sku": "WATER", "quantity": 1}, 7, None),
        *({**pizza, "options": options} for options in ([], ["ICE"], ["SIZE-M", "SIZE-L"])),
        {**pizza, "options": ["SIZE-M", "SIZE-M"]},
        *({**pizza, **odd} for odd in ({"quantity": 0}, {"quantity": "1"}, {"options": "x"})),
        *({**pizza, **odd} for odd in ({"note": "x" * 501}, {"note": "a\0"}, {"more": 1})),
        {**pizza, "note": "Z" + "\u0351" * 9},
    ]
    codes = set()
    for body in ({"lines": lines}, {"lines": [], "address": " "}, {**ORDER, "address": None}):
        answer = post(russian, body)
        codes |= {part["code"] for part in answer.json()["errors"]}
        for text in details(answer):
            assert is_russian(text), text
    assert len(codes) == 15, codes


@pytest.mark.parametrize(
    "body",
    [
        *("[]", "{}", '{"email": 1, "password": "1234567", "name": null, "age": 1}'),
        f'{{"email": "{"x" * 300}", "password": "password", "name": "a\nb"}}',
    ],
)
def test_so_is_every_mistake_in_an_account(russian: APIClient, body: str) -> None:
    answer = russian.post(REGISTER, body, content_type="application/json")
    assert answer.status_code == 400
    for text in details(answer):
        assert is_russian(text), text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b"\xff", b'{"note": "\\ud800"}', b"[" * 50_000]
)
def test_so_is_a_body_that_is_none(russian: APIClient, body: Any) -> None:
    answer = russian.post(ORDERS, body, content_type="application/json")
    assert answer.json()["code"] == "malformed"
    for text in details(answer):
        assert is_russian(text), text


@pytest.mark.parametrize(
    "query",
    [
        *("status=eaten", "created_after=yesterday", "created_after=0099-01-01T00:00:00Z"),
        *("customer=me", "customer=", "page_size=0", "cursor=1&cursor=2", "colour=red"),
    ],
)
def test_so_is_a_query(russian: APIClient, query: str) -> None:
    answer = russian.get(f"{ORDERS}?{query}")
    assert answer.status_code == 400
    for text in details(answer):
        assert is_russian(text), text


@pytest.mark.parametrize("token", ["Bearer not-a-token", ""], ids=["token", "nobody"])
@pytest.mark.parametrize("name", PLACES)
def test_wherever_it_is_told_the_answer_says_so(name: str, token: str) -> None:
    method, path, more = PLACES[name]
    given = {"HTTP_AUTHORIZATION": token} if token else {}
    for language, spoken in (("ru", "ru"), ("de", "en"), ("en", "en")):
        sent: dict[str, Any] = {**given, **more, "HTTP_ACCEPT_LANGUAGE": language}
        answer = Client().generic(method, path, content_type="application/json", **sent)
        assert answer.status_code >= 400
        assert answer["Content-Language"] == spoken
        assert "Accept-Language" in answer["Vary"]
        assert is_russian(answer.json()["detail"]) == (spoken == "ru")


@pytest.mark.usefixtures("menu")
@pytest.mark.parametrize("token", ["Bearer x", ""], ids=["token", "nobody"])
def test_what_is_not_translated_says_nothing_of_it(token: str) -> None:
    sent = {"Accept": "application/json", "Accept-Language": "ru"}
    if token:
        sent["Authorization"] = token
    for path in (MENU, "/api/v1/"):
        answer = Client().get(path, headers=sent)
        assert answer.status_code == 200
        assert "Content-Language" not in answer, path
        assert "Accept-Language" not in answer.get("Vary", ""), path


def test_what_is_translated_says_so() -> None:
    for path in ("/api/v1/", "/api/docs/", "/login/"):
        page = Client().get(path, headers={"Accept": "text/html", **RUSSIAN})
        assert page["Content-Language"] == "ru"
        assert "Accept-Language" in page["Vary"]
    for query, language in (("", "ru"), ("?lang=en", "en")):
        answer = Client().get(f"/api/schema/{query}", headers=RUSSIAN)
        assert answer["Content-Language"] == language


@pytest.mark.parametrize("token", ["Bearer x", ""], ids=["token", "nobody"])
@pytest.mark.parametrize("name", PLACES)
def test_no_one_is_spoken_to_in_what_they_refuse(name: str, token: str) -> None:
    method, path, more = PLACES[name]
    given = {"HTTP_AUTHORIZATION": token} if token else {}
    for refused in ("ru;q=0", "de, ru; Q=0.000", "ru-RU;q=0.0,de"):
        sent: dict[str, Any] = {**given, **more, "HTTP_ACCEPT_LANGUAGE": refused}
        answer = Client().generic(method, path, content_type="application/json", **sent)
        assert answer["Content-Language"] == "en", refused
        assert not is_russian(answer.json()["detail"])
