"""An error's `type` leads to its explanation."""

from typing import Any

import pytest
from django.test import Client

from restaurant.problems import MEDIA_TYPE
from restaurant.problems.catalogue import KINDS, Kind
from restaurant.templatetags.code_words import code

PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "ru"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_each_type_is_an_address_that_explains_it(client: Client, kind: Kind) -> None:
    page = client.get(kind.type, headers=PERSON)
    assert (page.status_code, page["Content-Language"]) == (200, "en")
    assert page["Content-Type"].startswith("text/html")
    for text in map(code, (kind.code, kind.title, kind.meaning, kind.advice)):
        assert text in page.content.decode()
    assert "`" not in page.content.decode()
    assert client.get(kind.type).json() == {
        "type": kind.type,
        "code": kind.code,
        "status": kind.status,
        "title": kind.title,
        "meaning": kind.meaning,
        "advice": kind.advice,
    }


def test_an_error_leads_there(client: Client) -> None:
    error = client.get("/api/v1/nowhere/").json()
    assert client.get(error["type"]).json()["code"] == error["code"]


def test_it_lists_all(client: Client) -> None:
    listed = client.get("/problems/").json()["problems"]
    assert [kind["code"] for kind in listed] == [kind.code for kind in KINDS]
    page = client.get("/problems/", headers=PERSON).content.decode()
    assert all(f'href="{kind.type}"' in page for kind in KINDS)


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("", True),
        ("*/*", True),
        ("application/json", True),
        ("text/html;q=0.5, application/json", True),
        ("text/html", False),
        ("image/png", False),
    ],
)
def test_it_answers_people_and_programs(client: Client, accept: str, is_json: bool) -> None:
    answer = client.get("/problems/invalid/", headers={"Accept": accept} if accept else {})
    assert answer["Content-Type"].startswith("application/json") == is_json
    assert "Accept" in answer["Vary"]
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/problems/nonsense/", "/problems/%3Cscript%3E/"])
def test_it_explains_nothing_that_is_not_listed(client: Client, path: str) -> None:
    assert client.get(path, headers=PERSON).status_code == 404
    answer: Any = client.get("/problems/nonsense/")
    assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE)


def test_it_is_only_read(client: Client) -> None:
    assert client.head("/problems/invalid/").status_code == 200
    assert client.post("/problems/invalid/").status_code in (403, 405)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Wait.", "Wait."),
        ("Wait as `Retry-After` says.", "Wait as <code>Retry-After</code> says."),
        ("`a` <b> `<c>`", "<code>a</code> &lt;b&gt; <code>&lt;c&gt;</code>"),
    ],
)
def test_it_draws_code_and_makes_no_text_a_tag(text: str, drawn: str) -> None:
    assert code(text) == drawn
