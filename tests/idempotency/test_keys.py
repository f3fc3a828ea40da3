"""What is a key, and which bodies are the same."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from restaurant.idempotency.keys import Key, fingerprint, key_of
from restaurant.idempotency.running import hold
from restaurant.problems import Problem

pytestmark = pytest.mark.once
SOMEBODY = UUID(int=1)


def request(header: str | None, *, method: str = "POST", path: str = "/api/v1/orders/") -> Any:
    meta = {} if header is None else {"HTTP_IDEMPOTENCY_KEY": header}
    user = SimpleNamespace(pk=SOMEBODY)
    return SimpleNamespace(META=meta, method=method, path_info=path, user=user)


def text(header: str) -> str:
    return cast("Key", key_of(request(header))).text


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("k1", "k1"),
        ('"k1"', "k1"),
        ("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        (r'"a\"b\\c"', r"a\"b\c".replace('\\"', '"')),
        (r"a\b", r"a\b"),
        ('"a,b"', "a,b"),
        ("~" * 200, "~" * 200),
        (f'"{"~" * 200}"', "~" * 200),
    ],
)
def test_it_reads_a_key_in_quotes_or_bare(header: str, key: str):
    assert text(header) == key


@pytest.mark.parametrize(
    "header",
    [
        "",
        '""',
        '"',
        '"open',
        '"a"b"',
        r'"a\b"',
        '"a\\"',
        '"a b"',
        '"a";q=1',
        '"a", "b"',
        # Of two headers, as servers join them.
        *("a,b", "a,a", ",", '"a","b"'),
        "a b",
        "na\u00efve",
        '"na\u00efve"',
        "tab\t",
        "\x7f",
        "x" * 201,
        f'"{"x" * 201}"',
    ],
)
def test_it_refuses_what_is_no_key(header: str):
    with pytest.raises(Problem) as refused:
        key_of(request(header))
    assert (refused.value.status_code, refused.value.code) == (400, "bad_idempotency_key")


def test_without_a_header_there_is_no_key():
    assert key_of(request(None)) is None


def test_a_key_is_of_its_user_and_route():
    routes = [("POST", "/a/1/"), ("POST", "/a/2/"), ("PUT", "/a/1/")]
    keys = {key_of(request("k", method=method, path=path)) for method, path in routes}
    assert len(keys) == 3
    assert {cast("Key", key).user_id for key in keys} == {SOMEBODY}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (b'{"a": 1, "b": [2]}', b'{"b":[2],"a":1}', True),
        (b'{"a": "\\u00e9"}', '{"a": "\u00e9"}'.encode(), True),
        (b'{"a": 1}', b'{"a": 2}', False),
        (b'{"a": [1, 2]}', b'{"a": [2, 1]}', False),
        (b'{"a": 1}', b'{"a": "1"}', False),
        (b'{"a": 12345678901234567890123}', b'{"a": 12345678901234567890124}', False),
        (b"", b"{}", True),
        (b"", b"[]", False),
        (b"{", b"{ ", False),
        (b'"\\ud800"', b'"\\ud801"', False),
        (b"\xff", b"\xfe", False),
        (b"[" * 9000, b"[" * 9001, False),
    ],
)
def test_bodies_are_the_same_when_their_json_is(one: bytes, other: bytes, is_same: bool):
    assert (fingerprint(one) == fingerprint(other)) == is_same


def test_a_key_is_held_by_one_request_at_a_time():
    key, other = Key(SOMEBODY, "POST /a/", "k"), Key(SOMEBODY, "POST /b/", "k")
    with hold(key), hold(other):
        with pytest.raises(Problem) as refused, hold(key):
            pass
        assert (refused.value.code, refused.value.wait) == ("idempotency_key_in_use", 1)
        with pytest.raises(Problem), hold(key):
            pass
    with hold(key):
        pass


def test_a_key_is_free_again_when_its_request_failed():
    key = Key(SOMEBODY, "POST /a/", "k")
    with pytest.raises(ZeroDivisionError), hold(key):
        raise ZeroDivisionError
    with hold(key):
        pass
