"""A web process that dies under a request: the proxy sends it again where that does no harm."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.proxy.ground import ask, proxy_before

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.haproxy]
KEY = {"Idempotency-Key": "k1"}


class House:
    """Two web processes, of which whichever is POSTed to first breaks off."""

    def __init__(self) -> None:
        self.posts = 0


class Handler(BaseHTTPRequestHandler):
    house: House

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.house.posts += 1
        if self.house.posts == 1:
            self.close_connection = True
            return
        self._answer()

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Nothing: the test tells."""


@contextmanager
def serving(house: House, folder: Path) -> Iterator[int]:
    """Run the processes behind the proxy, and give its port."""
    handler = type("BoundHandler", (Handler,), {"house": house})
    with ExitStack() as stack:
        ports = []
        for _ in range(2):
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            ports.append(server.server_port)
        yield stack.enter_context(proxy_before(ports, monitor=ports[0], folder=folder))


@pytest.mark.parametrize(
    "path", ["orders/", "kitchen/tickets/1/bump/", "menu/COLA/availability/", "auth/refresh/"]
)
def test_what_has_a_key_is_sent_again(path: str, tmp_path: Path) -> None:
    house = House()
    with serving(house, tmp_path) as port:
        answer = ask(port, f"/api/v1/{path}", method="POST", body=b"{}", headers=KEY)
    assert (answer.status, house.posts) == (200, 2)


def test_what_has_none_is_not(tmp_path: Path) -> None:
    house = House()
    with serving(house, tmp_path) as port:
        answer = ask(port, "/api/v1/orders/", method="POST", body=b"{}")
    assert (answer.status, house.posts) == (503, 1)
    assert "retry-after" in answer.headers


def test_a_key_means_nothing_to_a_page(tmp_path: Path) -> None:
    house = House()
    with serving(house, tmp_path) as port:
        answer = ask(port, "/admin/login/", method="POST", body=b"{}", headers=KEY)
    assert (answer.status, house.posts) == (503, 1)
