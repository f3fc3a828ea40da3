"""Who follows an order reaches the live process, and hears of each event as it comes."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.proxy.ground import ask, proxy_before
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.haproxy]
EVENTS = "/api/v1/orders/01a22403-bbbb-7514-b7e9-ca0c18a3d5e3/events/"


class Handler(BaseHTTPRequestHandler):
    """Says who it is; the live process's streams end when they are told to."""

    who = ""
    goes_on: threading.Event

    def do_GET(self) -> None:
        if self.headers.get("Accept") == "text/event-stream":
            self._stream()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.who)))
        self.end_headers()
        self.wfile.write(self.who.encode())

    def do_POST(self) -> None:
        self.do_GET()

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"id: 1\n\n")
        self.goes_on.wait(10)
        self.wfile.write(b"id: 2\n\n")

    def log_message(self, *_: object) -> None:
        """Nothing: the test tells."""


@pytest.fixture
def goes_on() -> threading.Event:
    return threading.Event()


@pytest.fixture
def port(tmp_path: Path, goes_on: threading.Event) -> Iterator[int]:
    with ExitStack() as stack:
        ports = {}
        for who in ("web", "live"):
            handler = type("BoundHandler", (Handler,), {"who": who, "goes_on": goes_on})
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            ports[who] = server.server_port
        web, live = ports["web"], ports["live"]
        found = stack.enter_context(proxy_before([web], monitor=web, folder=tmp_path, live=live))
        wait_until(lambda: ask(found, "/live/kitchen/").body == b"live")
        yield found


def test_it_sends_who_follows_to_the_live_process_and_others_to_web(port: int) -> None:
    for path in (EVENTS, f"{EVENTS}?wait=20&after=3", "/live/kitchen/"):
        assert ask(port, path).body == b"live", path
    assert ask(port, EVENTS, method="POST").body == b"live"
    whose = EVENTS.removesuffix("events/")
    for path in (whose, f"{whose}timeline/", f"{whose}events/more/", f"/admin{EVENTS}", "/"):
        assert ask(port, path).body == b"web", path


def test_it_holds_no_event_back(port: int, goes_on: threading.Event) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", EVENTS, headers={"Accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.read(7) == b"id: 1\n\n"
    goes_on.set()
    assert answer.read() == b"id: 2\n\n"
    connection.close()
