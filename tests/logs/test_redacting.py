"""The second line of defence: what a line does not tell, whoever wrote it."""

import json
import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from restaurant.logs.processors import clean, json_line, redact, without_path

pytestmark = pytest.mark.once

JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIxIn0.MEUCIQDx-9_k"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no such user ada@example.com here", "no such user [redacted] here"),
        ("{'ada@example.com': (550, b'unknown')}", "{'[redacted]': (550, b'unknown')}"),
        ("GET /admin/?q=ada%40example.com HTTP", "GET /admin/?q=[redacted] HTTP"),
        (f"bad token {JWT}", "bad token [redacted]"),
        (f'{{"access": "{JWT}"}}', '{"access": "[redacted]"}'),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer [redacted]"),
        ("redis://user:pa55@cache:6379/0 is away", "redis://[redacted]@cache:6379/0 is away"),
        ("redis://:pa55@cache:6379/0", "redis://[redacted]@cache:6379/0"),
        ("opened /account/password/NDI/c1-abc=/", "opened /account/password/[redacted]"),
        (
            "violates check\nDETAIL:  Failing row contains (7, 12 Canal Street).\nCONTEXT:  x",
            "violates check\nDETAIL: [redacted]\nCONTEXT: [redacted]",
        ),
        ("syntax error\nLINE 1: SELECT '12 Canal Street'", "syntax error\nLINE 1: [redacted]"),
    ],
)
def test_it_knows_secrets_by_their_form(said: str, told: str) -> None:
    assert clean(said) == told
    line = {"event": "toy_event", "reason": said, "parts": [{"reason": said}]}
    assert redact(None, "", line) == {**line, "reason": told, "parts": [{"reason": told}]}


@pytest.mark.parametrize(
    "said",
    [
        "order_created[3]@17 cannot be read",
        "    @wraps(handler)",
        "0197a1b2-0000-7000-8000-000000000000",
        "api/v1/orders/<uuid:order_id>/",
        "12 LINES of SKU 7",
    ],
)
def test_it_leaves_alone_what_is_none(said: str) -> None:
    assert redact(None, "", {"reason": said}) == {"reason": said}


@pytest.mark.parametrize(
    "name",
    [
        *("password", "new_password", "PASSWD".lower(), "access_token", "email", "e_mail"),
        *("address", "client_address", "authorization", "cookie", "secret_key", "session_key"),
    ],
)
def test_it_knows_secrets_by_their_names(name: str) -> None:
    line = redact(None, "", {name: "12 Canal Street", "inside": {name: 7}})
    assert line == {name: "[redacted]", "inside": {name: "[redacted]"}}


def test_it_looks_into_whatever_has_a_text() -> None:
    class Odd:
        def __str__(self) -> str:
            return "ada@example.com"

    assert redact(None, "", {"reason": Odd(), "set": {Odd()}}) == {
        "reason": "[redacted]",
        "set": ["[redacted]"],
    }


@pytest.mark.parametrize(
    "value",
    [
        *("\ud800", "\0 \n \x1b[31m", float("nan"), float("inf"), 2**70, b"\xff", object()),
        *(UUID(int=1), Decimal("1.10"), datetime(2026, 5, 1, tzinfo=UTC), {1: {2, 3}}, {(1,): 2}),
    ],
)
def test_it_makes_one_line_of_json_of_anything(value: Any) -> None:
    line = json_line(None, "", redact(None, "", {"event": "toy_event", "value": value}))
    assert "\n" not in line
    assert json.loads(line)["event"] == "toy_event"


def test_it_names_a_request_by_its_route(rf: Any) -> None:
    request = rf.get("/account/password/NDI/c1-abc/")
    request.resolver_match = type("Match", (), {"route": "account/password/<uidb64>/<token>/"})()
    record = logging.LogRecord("django.security", 30, "", 0, "x", None, None)
    record.__dict__["request"] = request
    line = {"event": f"Forbidden: {request.path}", "_record": record}
    told = without_path(None, "", line)
    assert told["event"] == "Forbidden: /account/password/<uidb64>/<token>/"
    request.resolver_match = None
    line = {"event": f"Not Found: {request.path}", "_record": record}
    assert without_path(None, "", line)["event"] == "Not Found: …"
