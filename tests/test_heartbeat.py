"""Processes tell that they live, and suffer nothing where nobody listens."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from unittest.mock import Mock

import pytest
from redis import Connection, Redis
from redis.exceptions import RedisError

from restaurant.heartbeat import Heart, beating, pulses, store
from restaurant.heartbeat.store import INDEX, KEPT_SECONDS
from restaurant.version import version
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once
KEY = "heartbeat:kitchen:host:7"
TOLD = {
    "name": "kitchen",
    "host": "host",
    "pid": 7,
    "version": "1",
    "uptime": 60.0,
    "since_progress": 2.0,
}


@pytest.fixture
def redis(valkey: Valkey) -> Iterator[Any]:
    with Redis.from_url(f"{valkey.url}/0") as client:
        yield client


def tell(redis: Any, *, ago: float = 0.0, **told: Any) -> None:
    """Leave a heartbeat that was sent so many seconds ago."""
    given = {**TOLD, **told}
    key = f"heartbeat:{given['name']}:{given['host']}:{given['pid']}"
    redis.set(key, json.dumps(given), px=int((KEPT_SECONDS - ago) * 1000))
    redis.sadd(INDEX, key)


@pytest.mark.usefixtures("valkey")
def test_it_tells_of_itself_at_once_and_says_goodbye() -> None:
    with beating("kitchen") as heart:
        wait_until(pulses)
        (pulse,) = pulses()
        assert (pulse.name, pulse.version, pulse.is_fresh) == ("kitchen", version(), True)
        assert pulse.since_progress is None
        assert heart.is_alive()
    # Its goodbye may come after the block: nobody waits long for it.
    wait_until(lambda: not pulses())


def test_it_tells_when_its_loop_came_around(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restaurant.heartbeat.heart.EVERY_SECONDS", 0.05)
    with beating("kitchen") as heart:
        heart.progress()
        wait_until(lambda: any(p.since_progress is not None for p in pulses()))
        # The loop is stuck, and the heart beats on.
        time.sleep(0.5)
        (pulse,) = pulses()
        assert pulse.is_fresh
        assert pulse.since_progress is not None
        assert pulse.since_progress >= 0.3


def test_it_misses_one_that_was_killed(redis: Any) -> None:
    tell(redis, ago=14)
    (pulse,) = pulses()
    assert not pulse.is_fresh
    assert pulse.age == pytest.approx(14, abs=1)
    assert pulse.uptime == pytest.approx(74, abs=1)
    assert pulse.since_progress == pytest.approx(16, abs=1)


def test_it_forgets_one_that_was_killed_long_ago(redis: Any) -> None:
    redis.sadd(INDEX, KEY)
    assert pulses() == []
    assert not redis.exists(INDEX)


@pytest.mark.parametrize("value", [b"", b"\xff", b"[]", b"{}", b'{"name": 1}', b"null"])
def test_it_leaves_out_what_it_cannot_read(value: bytes, redis: Any) -> None:
    redis.set(KEY, value, ex=KEPT_SECONDS)
    redis.sadd(INDEX, KEY)
    tell(redis, pid=8)
    assert [pulse.pid for pulse in pulses()] == [8]


def test_it_says_soon_that_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(store.connect()) as client:
        given = client.connection_pool.connection_kwargs
    assert given["socket_connect_timeout"] == given["socket_timeout"] == 0.5
    tries = Mock(wraps=Connection._connect)
    monkeypatch.setattr(Connection, "_connect", lambda self: tries(self))
    with pytest.raises((RedisError, OSError)):
        pulses()
    assert tries.call_count == 1


def test_it_harms_nobody_without_redis_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("restaurant.heartbeat.heart.EVERY_SECONDS", 0.01)
    heart = Heart("kitchen")
    heart.start()
    wait_until(lambda: "heartbeat_not_sent" in caplog.text)
    time.sleep(0.2)
    waits: list[float] = []
    monkeypatch.setattr(heart, "join", waits.append)
    heart.stop()
    assert waits == [1.5]
    wait_until(lambda: not heart.is_alive())
    assert caplog.text.count("heartbeat_not_sent") == 1


def test_it_goes_on_when_redis_is_back(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restaurant.heartbeat.heart.EVERY_SECONDS", 0.05)
    with beating("kitchen"):
        wait_until(pulses)
        valkey.kill()
        valkey.start()
        wait_until(pulses)
