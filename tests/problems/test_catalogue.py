"""The catalogue holds what the API answers, and the documentation holds the catalogue."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from rest_framework import exceptions

from auth_grpc.api.serializers import LoginSerializer, RefreshSerializer, RegistrationSerializer
from delivery.api.filters import CourierFilter, DeliveryFilter
from kitchen.api.filters import StationFilter, TicketFilter
from orders.api.filters import OrderFilter
from restaurant.problems import MEDIA_TYPE
from restaurant.problems.catalogue import CATALOGUE, KINDS, general
from restaurant.problems.parts import OF_LIBRARIES, PARTS
from restaurant.problems.problem import body
from restaurant.problems.reference import PAGE, page

# What is called with a code, by its name or in this place.
RAISED_BY = {"Problem": 0, "Refusal": 0, "listed": 0, "NotReadable": 0}
PART_OF = {"FieldError": 1, "ParameterError": 1, "Mistake": 1, "Violation": 1}
# Orders have a `Refusal` of their own: of a part.
OF_ORDERS = [settings.BASE_DIR / "orders" / name for name in ("requests.py", "pricing.py")]
PROXY = Path(settings.BASE_DIR) / "docker" / "proxy"
ID = "%[var(txn.id)]"


def sources() -> Iterator[Path]:
    """Give our code; but the menu's problems are told to staff alone."""
    for app in ("restaurant", "auth_grpc", "orders", "kitchen", "delivery"):
        found = (settings.BASE_DIR / app).rglob("*.py")
        yield from (path for path in found if "menu" not in path.parts)


def codes(called: dict[str, int], paths: Iterable[Path]) -> set[str]:
    """Give every code that is named where one of these is called."""
    return {code for path in paths for code in _named_in(ast.parse(path.read_text()), called)}


def _named_in(code: ast.AST, called: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(code):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in called:
            given = [word.value for word in node.keywords if word.arg == "code"]
            for value in given or node.args[called[name] :][:1]:
                if isinstance(value, ast.Constant):
                    yield str(value.value)


def test_it_lists_every_code_that_is_raised() -> None:
    named = codes(RAISED_BY, set(sources()) - set(OF_ORDERS))
    assert {"unavailable", "stopping", "malformed"} <= named
    assert named <= set(CATALOGUE)


def test_it_lists_every_code_of_a_part() -> None:
    named = codes(PART_OF, sources()) | codes({"Refusal": 1}, OF_ORDERS)
    assert {"unknown_sku", "wrong_type", "email_taken", "out_of_range"} <= named
    # A body that is none is told as a whole.
    assert named - {"malformed"} <= set(PARTS)


def test_it_lists_every_code_of_the_libraries() -> None:
    named: set[str] = set()
    for serializer in (LoginSerializer, RefreshSerializer, RegistrationSerializer):
        for field in serializer().fields.values():
            named |= field.error_messages.keys()
            named |= {
                validator.code for validator in field.validators if hasattr(validator, "code")
            }
    for filters in (OrderFilter, TicketFilter, StationFilter, DeliveryFilter, CourierFilter):
        for filter_ in filters.base_filters.values():
            named |= filter_.field.error_messages.keys()
    assert {"invalid_choice", "max_length"} <= named
    assert {OF_LIBRARIES.get(code, code) for code in named} <= set(PARTS)


def test_the_libraries_codes_are_told_by_ours() -> None:
    assert set(OF_LIBRARIES.values()) <= set(PARTS)
    assert not set(OF_LIBRARIES) & set(PARTS)


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
