"""Several auth servers behind one name, and one of them at a time is replaced."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from auth_grpc import client, server, services
from auth_grpc.server import Server
from tests.servers.wait import wait_until


@pytest.fixture
def second(server: Server, settings: Any) -> Iterator[Server]:
    """Another beside the first; the client's address has both."""
    started = Server("127.0.0.1:0")
    started.start()
    settings.AUTH_GRPC_ADDRESS = f"ipv4:{server.address},{started.address}"
    yield started
    started.drain(0)


class Counting(grpc.ServerInterceptor):  # type: ignore[type-arg]  # generic in its types alone
    """Counts the calls that a server took, its health's aside."""

    def __init__(self) -> None:
        self.count = 0

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        self.count += details.method.endswith("VerifyToken")
        return continuation(details)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[Counting]:
    """One for each server that is started from now on."""
    made: list[Counting] = []

    def counting() -> Counting:
        made.append(Counting())
        return made[-1]

    monkeypatch.setattr(server, "Bind", counting)
    return made


def test_it_asks_each_in_turn(
    counts: list[Counting], second: Server, tokens: services.Tokens
) -> None:
    wait_until(lambda: bool(client.verify(tokens.access)) and all(c.count for c in counts))
    before = [c.count for c in counts]
    for _ in range(20):
        client.verify(tokens.access)
    assert [c.count - b for c, b in zip(counts, before, strict=True)] == [10, 10]


def test_it_loses_no_call_while_one_after_the_other_ends(
    counts: list[Counting], server: Server, second: Server, tokens: services.Tokens
) -> None:
    stop = threading.Event()

    def keep_asking() -> int:
        count = 0
        while not stop.is_set():
            assert client.verify(tokens.access).user_id
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(keep_asking) for _ in range(4)]
        try:
            second.drain(5)
            replaced = Server(second.address)
            replaced.start()
            try:
                # Clients have found it again.
                wait_until(lambda: counts[2].count > 0, seconds=30)
                server.drain(5)
                for _ in range(100):
                    client.verify(tokens.access)
            finally:
                stop.set()
                asked = [each.result(10) for each in asking]
                replaced.drain(0)
        finally:
            stop.set()
    assert all(asked)
