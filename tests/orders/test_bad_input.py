"""What cannot become an order: told clearly, all at once, and nothing written."""

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from orders import requests
from orders.errors import OrderRefused
from orders.models import IdempotencyKey, Order, OutboxMessage, TimelineEntry
from restaurant.bodies.mistakes import MOST_MISTAKES
from restaurant.bodies.text import problem_of
from tests.blocks import only
from tests.orders.people import ORDER, post, user

pytestmark = pytest.mark.django_db(databases=["orders"])
DOCUMENTED = only("reference/errors.md", "Errors")


@pytest.fixture(autouse=True)
def _nothing_written(menu: None):
    yield
    for model in (Order, OutboxMessage, TimelineEntry, IdempotencyKey):
        assert not model.objects.exists()


def changed(path: str, value: Any) -> dict[str, Any]:
    """Give the good order with one thing made bad; `path` is as a JSON pointer."""
    body = copy.deepcopy(ORDER)
    *parents, name = path.strip("/").split("/")
    part: Any = body
    for parent in parents:
        part = part[int(parent) if isinstance(part, list) else parent]
    part[int(name) if isinstance(part, list) else name] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "pointer", "code"),
    [
        ("/lines/0/sku", "NOPE", "/lines/0/sku", "unknown_sku"),
        ("/lines/0/sku", "x" * 65, "/lines/0/sku", "too_long"),
        ("/lines/0/sku", "", "/lines/0/sku", "blank"),
        ("/lines/0/sku", 7, "/lines/0/sku", "wrong_type"),
        ("/lines/1/sku", "WATER", "/lines/1/sku", "unavailable"),
        ("/lines/0/options", [], "/lines/0/options", "too_few_options"),
        ("/lines/0/options", ["SIZE-L", "SIZE-M"], "/lines/0/options", "too_many_options"),
        ("/lines/0/options", ["SIZE-L", "ICE"], "/lines/0/options/1", "unknown_option"),
        ("/lines/1/options", ["SIZE-L"], "/lines/1/options/0", "unknown_option"),
        (
            "/lines/0/options",
            ["SIZE-L", "OLIVES", "OLIVES"],
            "/lines/0/options/2",
            "duplicate_option",
        ),
        ("/lines/0/options", "SIZE-L", "/lines/0/options", "wrong_type"),
        ("/lines/0/options", ["SIZE-L", 3], "/lines/0/options/1", "wrong_type"),
        ("/lines/0/options", ["OLIVES"] * 51, "/lines/0/options", "too_long"),
        ("/lines/0/quantity", 0, "/lines/0/quantity", "out_of_range"),
        ("/lines/0/quantity", -1, "/lines/0/quantity", "out_of_range"),
        ("/lines/0/quantity", 10_000, "/lines/0/quantity", "out_of_range"),
        ("/lines/0/quantity", 10**30, "/lines/0/quantity", "out_of_range"),
        ("/lines/0/quantity", "2", "/lines/0/quantity", "wrong_type"),
        ("/lines/0/quantity", 1.5, "/lines/0/quantity", "wrong_type"),
        ("/lines/0/quantity", True, "/lines/0/quantity", "wrong_type"),
        ("/lines/0/quantity", None, "/lines/0/quantity", "null"),
        ("/lines/0/note", "x" * 501, "/lines/0/note", "too_long"),
        ("/lines/0/note", "a\x00b", "/lines/0/note", "bad_text"),
        ("/lines/0/price", "0.01", "/lines/0/price", "unknown_field"),
        ("/lines/0", "MARGHERITA", "/lines/0", "wrong_type"),
        ("/lines", [], "/lines", "too_short"),
        ("/lines", [ORDER["lines"][1]] * 200, "/lines", "too_long"),
        ("/lines", {}, "/lines", "wrong_type"),
        ("/address", "", "/address", "blank"),
        ("/address", " \n ", "/address", "blank"),
        ("/address", "x" * 301, "/address", "too_long"),
        ("/address", "12 Canal \x1b[31mStreet", "/address", "bad_text"),
        ("/address", None, "/address", "null"),
        ("/note", "x" * 501, "/note", "too_long"),
        ("/note", "\u202egnp.exe", "/note", "bad_text"),
        ("/note", "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334", "/note", "bad_text"),
        ("/total", "0.01", "/total", "unknown_field"),
        ("/a~b/c", 1, "/a~b/c", None),
    ],
)
def test_it_names_the_mistake_and_its_place(
    api: APIClient, path: str, value: Any, pointer: str, code: str | None
):
    if code is None:
        body, pointer, code = {**ORDER, "a~b/c": 1}, "/a~0b~1c", "unknown_field"
    else:
        body = changed(path, value)
    response = post(api, body, **{"Idempotency-Key": "k"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["code"], problem["status"]) == ("invalid", 400)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]
    assert problem["errors"][0]["detail"]


@pytest.mark.parametrize("name", ["lines", "address"])
def test_it_says_what_is_missing(api: APIClient, name: str):
    body = {key: value for key, value in ORDER.items() if key != name}
    errors = post(api, body).json()["errors"]
    assert [(e["pointer"], e["code"]) for e in errors] == [(f"/{name}", "required")]


def test_it_tells_all_mistakes_at_once(api: APIClient):
    body = {
        "lines": [
            {"sku": "NOPE", "quantity": 1},
            {"sku": "MARGHERITA", "quantity": 0, "extra": 1},
            {"sku": "MARGHERITA", "quantity": 1, "options": ["ICE"]},
            {"sku": "WATER", "quantity": 1},
        ],
        "address": "",
    }
    errors = post(api, body).json()["errors"]
    assert {(e["pointer"], e["code"]) for e in errors} == {
        ("/lines/0/sku", "unknown_sku"),
        ("/lines/1/quantity", "out_of_range"),
        ("/lines/1/extra", "unknown_field"),
        ("/lines/2/options/0", "unknown_option"),
        ("/lines/2/options", "too_few_options"),
        ("/lines/3/sku", "unavailable"),
        ("/address", "blank"),
    }


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "The body is missing."),
        (b" \n", "The body is missing."),
        (b"{", "it ends too early."),
        (b'{"lines": [}', "near byte 11."),
        (b"\xff\xfe\x00", "not UTF-8: see byte 0."),
        (b'{"address": "abc\xff"}', "not UTF-8: see byte 16."),
        (b'{"address": "\\ud800"}', "see byte 13."),
        (b'{"address": "\\ud800\\u0041"}', "see byte 13."),
        (b'{"address": "\\ud83c\\udf55 \\udf55"}', "see byte 26."),
        (b'{"address": "\\\\ud800", }', "near byte 23."),
        (b'{"address": "\\x"}', "near byte 15."),
        (b"{} {}", "near byte 4."),
        (b"[" * 50_000, "nested too deeply."),
        (b"1e999", "The body is not JSON."),
        (b"NaN", "near byte 0."),
    ],
)
def test_it_says_where_what_was_sent_is_not_json(api: APIClient, body: bytes, told: str):
    response = api.post("/api/v1/orders/", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    happened, _advice = response.json()["detail"].split(" Send one JSON")
    assert happened.endswith(told), response.json()
    assert ("surrogate" in happened) == (b"\\ud8" in body and b"\\\\" not in body)


@pytest.mark.parametrize(
    ("body", "code", "detail"),
    [
        *((b, "wrong_type", "Give an object.") for b in (b"[]", b"3", b'"order"')),
        (b"null", "null", "This field may not be null."),
    ],
)
def test_it_refuses_json_that_is_no_object(api: APIClient, body: bytes, code: str, detail: str):
    response = api.post("/api/v1/orders/", body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["errors"] == [{"pointer": "", "code": code, "detail": detail}]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "a/b"])
def test_it_refuses_another_content_type(api: APIClient, kind: str):
    body = msgspec.json.encode(ORDER).decode()
    response = api.generic("POST", "/api/v1/orders/", body, content_type=kind)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_it_refuses_ten_megabytes(api: APIClient):
    body = msgspec.json.encode({**ORDER, "note": "x" * 10_000_000})
    response = api.post("/api/v1/orders/", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_it_keeps_the_answer_short_however_many_mistakes(api: APIClient):
    body = {f"field-{at}": 1 for at in range(3000)}
    response = post(api, body)
    assert response.status_code == 400
    assert len(response.json()["errors"]) == MOST_MISTAKES


def test_it_refuses_who_is_not_logged_in():
    response = post(APIClient())
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


@pytest.mark.parametrize(
    "text",
    ["Füßchen 12, 3.º B", "👨‍👩‍👧 no 🌶️", "日本語", "नमस्ते", "two\nlines\tand a tab", "عربى"],
)
def test_it_takes_text_as_people_write_it(text: str):
    assert problem_of(text) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["lines", "address", "note", "sku", "quantity", "options", "x"]),
                inner,
            )
        ),
    )
)
def test_it_explains_whatever_it_refuses(value: Any):
    """The quick schema and the slow explanation agree: never a refusal without a reason."""
    with pytest.raises(OrderRefused) as refused:
        requests.decode_order(msgspec.json.encode(value))
    assert refused.value.refusals
    assert all(r.code and r.detail for r in refused.value.refusals)


ODD = ["/lines/0/sku", "/lines/0/quantity", "/lines/0/options/0", "/lines/0", "/note"]


@given(
    st.sampled_from(ODD),
    st.none() | st.booleans() | st.integers() | st.floats() | st.integers(0, 99).map(float),
)
def test_it_takes_or_explains_an_order_with_one_odd_part(path: str, value: Any):
    assert taken_or_explained(msgspec.json.encode(changed(path, value)))


def taken_or_explained(body: bytes) -> object:
    try:
        return requests.decode_order(body)
    except OrderRefused as refused:
        return refused.refusals


def test_a_customer_is_not_let_at_staff_filters(api: APIClient):
    stranger = user()
    response = api.get("/api/v1/orders/", {"customer": str(stranger.id)})
    assert (response.status_code, response.json()["results"]) == (200, [])


def test_it_is_told_as_the_errors_page_shows_it(api: APIClient) -> None:
    answer = post(api, changed("/lines/0/sku", "BURGER"))
    told, shown = json.loads(answer.content), json.loads(DOCUMENTED.text)
    ids = told.pop("request_id"), shown.pop("request_id")
    assert [len(bytes.fromhex(id_)) for id_ in ids] == [16, 16]
    assert list(told.items()) == list(shown.items())
