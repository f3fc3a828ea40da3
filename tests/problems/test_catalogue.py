"""The catalogue holds what the API answers, and the documentation holds the catalogue."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from rest_framework import exceptions

from restaurant.problems import MEDIA_TYPE
from restaurant.problems.catalogue import CATALOGUE, KINDS, general
from restaurant.problems.problem import body
from restaurant.problems.reference import PAGE, page

RAISED_BY = {"Problem", "Refusal", "listed"}
# Of the menu, told to staff on pages; and the orders' reasons why, which are parts of an error.
OTHERS = {"menu", "requests.py", "pricing.py"}
PROXY = Path(settings.BASE_DIR) / "docker" / "proxy"
ID = "%[var(txn.id)]"


def in_code() -> Iterator[str]:
    """Give every code that our code names where it raises."""
    for app in ("restaurant", "auth_grpc", "orders", "kitchen", "delivery"):
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if OTHERS.isdisjoint(path.parts):
                yield from _named_in(ast.parse(path.read_text()))


def _named_in(code: ast.AST) -> Iterator[str]:
    for node in ast.walk(code):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED_BY:
            given = [word.value for word in node.keywords if word.arg == "code"]
            for value in given or node.args[:1]:
                if isinstance(value, ast.Constant):
                    yield str(value.value)


def test_it_lists_every_code_that_is_raised() -> None:
    named = set(in_code())
    assert {"unavailable", "stopping", "malformed"} <= named
    assert named <= set(CATALOGUE)


def test_it_lists_every_status_of_the_framework() -> None:
    for name in dir(exceptions):
        error = getattr(exceptions, name)
        if isinstance(error, type) and issubclass(error, exceptions.APIException):
            assert general(error.status_code).status == error.status_code, name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_each_entry_is_whole(kind) -> None:
    assert re.fullmatch("[a-z]+(_[a-z]+)*", kind.code)
    assert 400 <= kind.status < 600
    assert kind.title
    assert not kind.title.endswith(".")
    for sentence in (kind.meaning, kind.advice):
        assert sentence.endswith(".")


def test_no_code_is_listed_twice() -> None:
    assert len(KINDS) == len(CATALOGUE)


def test_the_documentation_is_the_catalogue() -> None:
    assert PAGE.read_text() == page(), "run `make reference`"


@pytest.mark.parametrize("file", sorted((PROXY / "errors").glob("*.json")), ids=lambda f: f.name)
def test_the_proxy_answers_as_the_catalogue_says(file: Path) -> None:
    answer = json.loads(file.read_text())
    assert answer == body(CATALOGUE[file.stem], request_id=ID)


def test_the_proxy_sends_each_with_its_status_and_media_type() -> None:
    config = (PROXY / "haproxy.cfg").read_text()
    sent = re.findall(r"status (\d+) content-type (\S+) lf-file \S+/(\w+)\.json", config)
    assert {name for _, _, name in sent} == {f.stem for f in (PROXY / "errors").glob("*.json")}
    # What is between the proxy and nobody's answer is told as 503, whatever it was.
    told = {"502": "503", "504": "503"}
    for status, media_type, name in sent:
        assert media_type == MEDIA_TYPE
        assert int(told.get(status, status)) == CATALOGUE[name].status
