"""While the database is away, who listens goes on, and who comes is asked to come again."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from kitchen.live import channel
from restaurant.live import doorkeeper, listeners
from restaurant.live.app import Live
from restaurant.live.doorkeeper import Doorkeeper
from restaurant.live.listeners import Listener
from restaurant.live.ring import Ring
from restaurant.live.stream import Stream

pytestmark = pytest.mark.once
KITCHEN = frozenset({channel.permission})


def away(*_: Any) -> dict[str, Listener]:
    raise OperationalError("away")


class Door:
    """Answers as it is told to, in place of the database."""

    def __init__(self, *answers: Callable[..., dict[str, Listener]]) -> None:
        self.answers = list(answers)
        self.asked: list[set[str]] = []

    def __call__(self, keys: set[str], _permissions: Any) -> dict[str, Listener]:
        self.asked.append(set(keys))
        return self.answers.pop(0)(keys)


def end(keeper: Doorkeeper) -> None:
    """Leave no thread of it to the tests that follow."""
    keeper.stop()
    keeper.join(10)
    assert not keeper.is_alive()


class StillStream(Stream):
    """A stream that only notes why it was to end."""

    def __init__(self, session: str) -> None:
        self.ring = Ring(channel)
        self.session = session
        self.why = ""

    def end(self, why: str) -> None:
        self.why = self.why or why


def test_it_leaves_streams_alone_until_it_can_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = [StillStream("a"), StillStream("b"), StillStream("c")]
    # What the streams had been told at each question.
    seen: list[list[str]] = []
    door = Door(away, lambda _: {"a": Listener(1, KITCHEN), "b": Listener(2, frozenset())}, away)

    def find(keys: set[str], permissions: Any) -> dict[str, Listener]:
        seen.append([stream.why for stream in streams])
        return door(keys, permissions)

    monkeypatch.setattr(listeners, "find", find)
    monkeypatch.setattr(doorkeeper, "CHECK_SECONDS", 0.02)

    async def watch() -> None:
        keeper = Doorkeeper([channel.permission])
        keeper.start()
        watching = asyncio.create_task(keeper.keep_watch(lambda: streams))
        while door.answers:
            await asyncio.sleep(0.001)
        watching.cancel()
        end(keeper)

    asyncio.run(asyncio.wait_for(watch(), 10))
    assert door.asked[0] == {"a", "b", "c"}
    assert seen == [["", "", ""], ["", "", ""], ["", "rights", "session"]]


def test_it_asks_for_all_who_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(lambda keys: dict.fromkeys(keys, Listener(1, KITCHEN)), lambda _: {})
    monkeypatch.setattr(listeners, "find", door)

    async def come() -> list[Any]:
        keeper = Doorkeeper([channel.permission])
        questions = [asyncio.ensure_future(keeper.find([str(n)])) for n in range(100)]
        await asyncio.sleep(0)
        keeper.start()
        answers = await asyncio.gather(*questions)
        end(keeper)
        return answers

    answers = asyncio.run(asyncio.wait_for(come(), 10))
    assert len(door.asked) == 1
    assert all(str(n) in found for n, found in enumerate(answers))


@pytest.mark.parametrize(("path", "status"), [("/live/kitchen/", 503), ("/readyz", 503)])
def test_it_asks_who_comes_to_come_again(
    monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    monkeypatch.setattr(listeners, "find", away)
    sent: list[dict[str, Any]] = []

    async def come() -> None:
        live = Live()
        live._doorkeeper.start()
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"cookie", b"sessionid=abcdefgh")],
        }

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        await live(scope, receive, send)
        end(live._doorkeeper)

    asyncio.run(asyncio.wait_for(come(), 10))
    assert sent[0]["status"] == status
    if path == "/readyz":
        assert json.loads(sent[1]["body"])["needs"]["database:default"] == "unavailable"
    else:
        assert (b"retry-after", b"1") in sent[0]["headers"]
