"""Clients that send a byte a second: they hold no thread of ours, and are cut off."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from restaurant.problems import CATALOGUE
from tests.monitor.asking import Monitored, manage, monitored
from tests.proxy.ground import SlowClients, ask, proxy
from tests.servers.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.once]
THREADS, CLIENTS = 4, 100
LOGIN = "/api/v1/auth/login/"
SLOW_HEAD = b"GET /api/v1/menu/ HTTP/1.1\r\nHost: localhost\r\nX-Long: "
SLOW_BODY = (
    b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 200\r\n\r\n"
)


@pytest.fixture(scope="module")
def web_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, web_port: int) -> Iterator[Monitored]:
    """A web process with fewer threads than there are slow clients."""
    folder = tmp_path_factory.mktemp("web")
    env = {
        "VAR_DIR": str(folder),
        "PORT": str(web_port),
        "WEB_WORKERS": "1",
        "WEB_THREADS": str(THREADS),
    }
    manage(env, "migrate_services")
    with monitored(folder / "log", "manage.py", "run_web", env=env) as web:
        web.wait_ready()
        yield web


def serves_others(port: int) -> None:
    for _ in range(10):
        assert ask(port, "/api/v1/menu/").status == 200
    # A body that is no JSON is refused by whoever has read it.
    refused = ask(port, LOGIN, method="POST", body=b"{")
    assert (refused.status, json.loads(refused.body)["code"]) == (400, "malformed")


@pytest.mark.haproxy
@pytest.mark.parametrize("head", [SLOW_HEAD, SLOW_BODY], ids=["headers", "body"])
def test_they_keep_nobody_waiting_behind_the_proxy(
    web: Monitored, web_port: int, tmp_path: Path, head: bytes
) -> None:
    with proxy(web, web_port, tmp_path) as port, SlowClients(port, CLIENTS, head):
        serves_others(port)


@pytest.mark.haproxy
def test_the_proxy_cuts_them_off_and_says_why(
    web: Monitored, web_port: int, tmp_path: Path
) -> None:
    with proxy(web, web_port, tmp_path) as port, SlowClients(port, 1, SLOW_BODY) as slow:
        slow.sockets[0].settimeout(20)
        head, _, body = slow.sockets[0].recv(4096).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    assert b"content-type: application/problem+json" in head.lower()
    told = json.loads(body)
    assert (told["code"], told["title"]) == ("too_slow", CATALOGUE["too_slow"].title)
    assert told["request_id"]


def test_slow_headers_keep_nobody_waiting_without_a_proxy(web: Monitored, web_port: int) -> None:
    with SlowClients(web_port, CLIENTS, SLOW_HEAD):
        serves_others(web_port)
