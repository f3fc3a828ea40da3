"""A connection to Redis for each thread, which ends with it."""

import threading
from typing import Any

import pytest
from django_redis import get_redis_connection

from restaurant import own_redis
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once


def clients() -> set[str]:
    """Give the ids of those that are connected to the server."""
    found: list[dict[str, str]] = get_redis_connection("default").client_list()
    return {client["id"] for client in found}


def in_a_thread(work: Any) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_a_thread_keeps_one_and_leaves_none_behind(valkey: Valkey) -> None:
    def ask() -> bytes:
        own_redis.ask("PING")
        answer: bytes = own_redis.ask("CLIENT", "ID")
        return answer

    before = clients()
    pool = get_redis_connection("default").connection_pool
    kept = pool.get_connection_count()
    assert len({in_a_thread(ask) for _ in range(20)}) == 20
    wait_until(lambda: clients() <= before)
    assert pool.get_connection_count() == kept


def test_a_connection_that_was_closed_is_opened_anew(valkey: Valkey) -> None:
    def ask() -> tuple[int, bytes]:
        first = own_redis.ask("CLIENT", "ID")
        get_redis_connection("default").client_kill_filter(_id=first)
        own_redis.ask("SET", "left", "here")
        return own_redis.ask("CLIENT", "ID") - first, own_redis.ask("GET", "left")

    moved, left = in_a_thread(ask)
    assert moved > 0
    assert left == b"here"
