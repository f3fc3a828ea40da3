"""What the proxy refuses itself, it tells as the API does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from restaurant.problems import CATALOGUE, MEDIA_TYPE
from restaurant.problems.problem import body
from tests.proxy.ground import Answer, ask, proxy_before

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.haproxy]
ORDERS, ID = "/api/v1/orders/", {"X-Request-ID": "abc-1"}


class Well(BaseHTTPRequestHandler):
    """Stands in for a web process that is well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def serve() -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Well)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def told(answer: Answer, code: str) -> None:
    kind = CATALOGUE[code]
    assert (answer.status, answer.headers["content-type"]) == (kind.status, MEDIA_TYPE)
    assert json.loads(answer.body) == body(kind, request_id="abc-1")
    assert answer.headers["x-request-id"] == "abc-1"


def test_it_tells_its_own_refusals_as_the_catalogue_does(tmp_path: Path) -> None:
    server = serve()
    at = server.server_port
    with proxy_before([at], monitor=at, folder=tmp_path) as public:
        big = ask(public, ORDERS, method="POST", body=b"x" * 70_000, headers=ID)
        told(big, "body_too_large")
        chunked = {**ID, "Transfer-Encoding": "chunked"}
        endless = ask(public, ORDERS, method="POST", body=b"2\r\n{}\r\n0\r\n\r\n", headers=chunked)
        told(endless, "length_required")
        server.shutdown()
        server.server_close()
        for method in ("GET", "POST"):
            away = ask(public, ORDERS, method=method, headers=ID)
            told(away, "unavailable")
            assert int(away.headers["retry-after"]) >= 1
