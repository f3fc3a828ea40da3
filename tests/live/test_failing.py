"""What the live process says when it fails."""

import asyncio
import json
from typing import Any

import pytest

from restaurant.live.app import Live
from restaurant.problems import MEDIA_TYPE

pytestmark = pytest.mark.once


def ask(live: Live) -> list[dict[str, Any]]:
    """Ask for a stream, and give what was sent."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live/kitchen/",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"x-request-id", b"abc")],
    }

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(live(scope, None, send))  # type: ignore[arg-type]
    return sent


def test_a_fault_is_told_as_any_error_of_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_scope: Any) -> Any:
        raise RuntimeError("secret details")

    live = Live()
    monkeypatch.setattr(live, "_ring", broken)
    start, content = ask(live)
    assert start["status"] == 500
    assert dict(start["headers"])[b"content-type"] == MEDIA_TYPE.encode()
    body = json.loads(content["body"])
    assert (body["code"], body["request_id"]) == ("internal_server_error", "abc")
    assert b"secret" not in content["body"]
