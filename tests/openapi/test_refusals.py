"""What the schema says of errors: each by its codes, with an example, which is true."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from restaurant.openapi import refusals
from restaurant.problems import MEDIA_TYPE, UnlistedCode, documented
from restaurant.problems.catalogue import CATALOGUE, KINDS
from tests.openapi.people import Town
from tests.openapi.schema import Json, Operation, misfits, operations, schema, whole

pytestmark = pytest.mark.once
OPERATIONS = {operation.id: operation for operation in operations()}
PROBLEM: Json = {"$ref": "#/components/schemas/Problem"}
ORDERS, STATION = "/api/v1/orders/", "/api/v1/kitchen/stations/oven/open/"
REGISTER, REFRESH = "/api/v1/auth/register/", "/api/v1/auth/refresh/"
# Told of once, in the introduction: whatever is asked may be answered so.
ANYWHERE = {
    *("bad_request", "method_not_allowed", "too_slow", "precondition_failed"),
    *("uri_too_long", "too_many_connections", "too_many_headers", "internal_server_error"),
}
# Of the staff site's streams, which are no part of the API.
ELSEWHERE = {"session_needed"}


def errors() -> Iterator[tuple[str, str, Json]]:
    """Give every error of every operation: its id, the status, and what is told of it."""
    for operation in OPERATIONS.values():
        for status, answer in operation.told["responses"].items():
            if int(status) >= 400:
                yield operation.id, status, whole(answer)


def codes_of(answer: Json) -> list[str]:
    return [code for code in CATALOGUE if f"[`{code}`](/problems/{code}/)" in answer["description"]]


@pytest.mark.parametrize(
    ("name", "status", "answer"), list(errors()), ids=lambda one: str(one)[:40]
)
def test_each_error_names_its_codes_and_shows_one(name: str, status: str, answer: Json) -> None:
    codes = codes_of(answer)
    assert codes
    assert {CATALOGUE[code].status for code in codes} == {int(status)}
    assert all(CATALOGUE[code].meaning in answer["description"] for code in codes)
    example = answer["content"][MEDIA_TYPE]["example"]
    assert misfits(example, PROBLEM) == []
    assert example["code"] in codes
    assert example["status"] == int(status)


def test_every_code_is_told_of() -> None:
    told = {code for _, _, answer in errors() for code in codes_of(answer)}
    introduced = {code for code in ANYWHERE if f"`{code}`" in schema()["info"]["description"]}
    assert introduced == ANYWHERE
    assert {kind.code for kind in KINDS} - told - ANYWHERE - ELSEWHERE == set()


def test_what_many_operations_answer_stands_there_once() -> None:
    inline = [
        (name, status)
        for name, status, _ in errors()
        if "$ref" not in OPERATIONS[name].told["responses"][status]
    ]
    found = [str(OPERATIONS[name].told["responses"][status]) for name, status in inline]
    repeated = {pair for pair, text in zip(inline, found, strict=True) if found.count(text) > 2}
    assert repeated == set()


def test_each_member_of_a_problem_is_described() -> None:
    shape = schema()["components"]["schemas"]["Problem"]["properties"]
    parts = shape["errors"]["items"]["properties"]
    assert all(part["description"] for part in (*shape.values(), *parts.values()))


def test_only_codes_of_the_catalogue_are_documented() -> None:
    with pytest.raises(UnlistedCode):
        documented("out_of_cheese")


def test_every_example_s_words_are_of_an_answer() -> None:
    names = {*schema()["components"]["responses"], *OPERATIONS, *CATALOGUE}
    assert refusals._examples().keys() <= names


Ask = Callable[[Town], httpx.Response]


def _reuse(town: Town) -> httpx.Response:
    town.make_work()
    staff, key = town.staff(), {"Idempotency-Key": str(uuid4())}
    staff.post(STATION, headers=key).raise_for_status()
    return staff.post(STATION, headers=key, json={"reason": "another"})


def _register_again(town: Town) -> httpx.Response:
    account = {"email": f"{uuid4().hex}@guests.example", "password": "tea-and-biscuits-7"}
    town.nobody().post(REGISTER, json=account).raise_for_status()
    return town.nobody().post(REGISTER, json=account)


def _log_in(town: Town) -> httpx.Response:
    wrong = {"email": "nobody@guests.example", "password": "not theirs"}
    return town.nobody().post("/api/v1/auth/login/", json=wrong)


# By the name of a shared answer, or by an operation and its status.
ASKED: dict[str, Ask] = {
    "InvalidBody": lambda town: town.staff().post(STATION, json={"colour": "red"}),
    "InvalidQuery": lambda town: town.customer().get(ORDERS, params={"page_size": 0}),
    "UnknownParameter": lambda town: town.nobody().get("/api/v1/menu/?colour=red"),
    "NotAuthenticated": lambda town: town.nobody().get(ORDERS),
    "InvalidRefreshToken": lambda town: town.nobody().post(REFRESH, json={"refresh": "none"}),
    "PermissionDenied": lambda town: town.customer().get("/api/v1/kitchen/tickets/"),
    "ChangeDenied": lambda town: town.customer().post(STATION),
    "NotFound": lambda town: town.staff().get("/api/v1/kitchen/stations/none/"),
    "NotAcceptable": lambda town: town.customer().get(ORDERS, headers={"Accept": "image/png"}),
    "LengthRequired": lambda town: town.staff().post(STATION, content=iter([b"{}"])),
    "BodyTooLarge": lambda town: town.staff().post(STATION, content=b" " * 70_000),
    "UnsupportedMediaType": lambda town: town.staff().post(
        STATION, content=b"{}", headers={"Content-Type": "text/plain"}
    ),
    "IdempotencyKeyReused": _reuse,
    "auth_register 400": lambda town: town.nobody().post(
        REGISTER, json={"email": "ada@example.com", "password": "t-b-7"}
    ),
    "auth_register 409": _register_again,
    "auth_login 401": _log_in,
    "orders_create 400": lambda town: town.customer().post(
        ORDERS, json={"lines": [{"sku": "MARGERITA", "quantity": 1}], "address": "12 Canal Street"}
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
def test_its_example_is_what_a_running_house_answers(town: Town, name: str) -> None:
    answer = ASKED[name](town)
    told = _told(name)["content"][answer.headers["Content-Type"]]["example"]
    assert {**answer.json(), "request_id": told["request_id"]} == told


def _told(name: str) -> Json:
    operation, _, status = name.partition(" ")
    if not status:
        found: Json = schema()["components"]["responses"][name]
        return found
    told: Operation = OPERATIONS[operation]
    answer: Any = told.told["responses"][status]
    return whole(answer)
