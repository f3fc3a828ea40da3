"""What is told while a database is away, or was never given."""

import asyncio
import json
import time
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from restaurant.live.answers import Refusal
from restaurant.live.app import Live
from restaurant.live.doorkeeper import Doorkeeper
from restaurant.live.following import callers, watches
from restaurant.live.following.callers import Caller, Callers, Credential
from restaurant.live.following.followed import Event, Story
from restaurant.live.following.follower import Follower
from restaurant.live.following.watches import Watches

pytestmark = pytest.mark.once
KEY = uuid4()
CALLER = Caller(Credential("token", "x"), uuid4(), frozenset(), time.monotonic() + 3600)


def story(*types: str) -> Story:
    return Story(CALLER.user_id, [Event(type_, b"{}") for type_ in types], is_ended=False)


class Database:
    """Answers as it is told to, in turn; then the last again."""

    def __init__(self, *answers: Story | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[list[UUID]] = []

    async def find(self, keys: Any) -> dict[UUID, Story]:
        self.asked.append(list(keys))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {KEY: answer}


async def asked_of(live: Live) -> tuple[int, dict[bytes, bytes], Any]:
    """Ask for an order's events; gives status, headers and body."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api/v1/orders/{KEY}/events/",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"authorization", b"Bearer x")],
    }

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    await live(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])


def test_it_goes_on_when_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "PACE", 0.01)
    database = Database(OperationalError("away"), OperationalError("away"), story("a", "b"))

    async def follow() -> list[str]:
        followed = Watches(database.find)
        follower = Follower(followed.open(KEY, story("a")), CALLER, 1, None)
        with followed.following(follower):
            looking = asyncio.create_task(followed.keep_looking())
            assert await follower.wait(5)
            looking.cancel()
        return [event.type for event in follower.news]

    with capture_logs() as lines:
        assert asyncio.run(follow()) == ["b"]
    assert [line["event"] for line in lines] == ["live_stories_unread"] * 2


def test_it_reads_what_many_follow_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "PACE", 0.01)
    database = Database(story("a"), story("a", "b"))

    async def follow() -> None:
        followed = Watches(database.find)
        first = Follower(followed.open(KEY, story("a")), CALLER, 1, None)
        with followed.following(first):
            second = Follower(followed.open(KEY, story("a")), CALLER, 0, None)
            with followed.following(second):
                looking = asyncio.create_task(followed.keep_looking())
                assert await first.wait(5)
                assert await second.wait(5)
                looking.cancel()
                assert [len(one.news) for one in (first, second)] == [1, 2]
        assert followed.followers == []

    asyncio.run(follow())
    assert all(asked == [KEY] for asked in database.asked)


def test_it_looks_seldom_at_what_gives_no_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "PACE", 0.01)
    monkeypatch.setattr(watches, "RELOOK", 10.0)
    database = Database(story("a"))

    async def follow() -> int:
        followed = Watches(database.find)
        follower = Follower(followed.open(KEY, story("a")), CALLER, 1, None)
        with followed.following(follower):
            looking = asyncio.create_task(followed.keep_looking())
            await asyncio.sleep(1)
            seldom = len(database.asked)
            followed.wake([str(KEY), str(uuid4()), "no key at all"])
            await asyncio.sleep(0.1)
            looking.cancel()
        assert len(database.asked) > seldom
        return seldom

    # At ever greater distances: as many as halvings of a second, not as hundredths.
    assert asyncio.run(follow()) < 25


def test_it_believes_nobody_for_ever() -> None:
    async def follow() -> str:
        soon = replace(CALLER, asked_at=float("-inf"))
        followed = Watches(Database(story("a")).find)
        follower = Follower(followed.open(KEY, story("a")), soon, 1, None)
        assert not await follower.wait(5)
        return follower.why

    assert asyncio.run(follow()) == "unverified"


def test_it_does_not_wait_for_ever_for_who_a_session_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "PATIENCE", 0.05)
    # Never started: its thread answers nobody, as when the database does not.
    mute = Callers(Doorkeeper([]), frozenset())
    with pytest.raises(Refusal) as refused:
        asyncio.run(asyncio.wait_for(mute.find(Credential("session", "a" * 32)), 5))
    assert (refused.value.kind.code, refused.value.retry_after) == ("auth_unavailable", 1)


def test_it_lets_nobody_follow_where_there_is_no_database(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    none = {"ENGINE": "django.db.backends.dummy"}
    monkeypatch.setitem(settings.DATABASES, "orders", none)
    status, headers, body = asyncio.run(asked_of(Live()))
    assert (status, body["code"]) == (503, "unavailable")
    assert headers[b"retry-after"]


def test_it_sends_who_comes_while_it_stops_to_another_process() -> None:
    async def ask() -> tuple[int, dict[bytes, bytes], Any]:
        live = Live()
        live.stop()
        return await asked_of(live)

    status, headers, body = asyncio.run(ask())
    assert (status, body["code"], headers[b"retry-after"]) == (503, "stopping", b"1")
