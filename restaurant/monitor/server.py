"""The monitor port: a tiny HTTP server in threads of its own, which no stuck loop can stop."""

import json
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from restaurant.monitor import draining

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Who asks has this long to say what, and to take the answer.
SLOWEST_CLIENT = 5.0


@dataclass(frozen=True)
class Views:
    """What the port tells. Each is called in a thread of its own, and may take a few seconds."""

    # Why a restart would help; empty for a process that is well.
    why_not_live: Callable[[], str]
    # The state of each thing that the process needs: "ok", or something else.
    needs: Callable[[], Mapping[str, str]]
    # In Prometheus' text format.
    metrics: Callable[[], bytes]


class Monitor:
    """Answers on `host:port` from `start` until `stop`."""

    def __init__(self, listen: str, views: Views) -> None:
        """Take the address; port 0 takes a free one. Raises `OSError` when it is taken."""
        host, _, port = listen.rpartition(":")
        kind = _Server6 if ":" in host else _Server
        self._server = kind((host.strip("[]"), int(port)), _handler(views))
        self.port = int(self._server.server_address[1])
        # A forked worker that kept it would hold the port after this process has died.
        os.register_at_fork(after_in_child=self._server.socket.close)

    def start(self) -> "Monitor":
        work = {"poll_interval": 0.2}
        threading.Thread(
            target=self._server.serve_forever, kwargs=work, name="monitor", daemon=True
        ).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def server_bind(self) -> None:
        # The library's own asks the name service for this machine's name, which may take long.
        socket.socket.setsockopt(self.socket, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: who asked has gone."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def condition(views: Views) -> list[tuple[str, tuple[str, ...], float]]:
    """Give the same as gauges, for who watches by metrics alone."""
    is_ready, _ = readiness(views.needs())
    return [("restaurant_ready", (), is_ready), ("restaurant_live", (), not views.why_not_live())]


def readiness(needs: Mapping[str, str]) -> tuple[bool, dict[str, Any]]:
    """Tell whether a process with these needs is ready, and its answer to who asks."""
    if draining.is_draining():
        return False, {"status": "draining", "needs": dict(needs)}
    is_ready = all(state == "ok" for state in needs.values())
    return is_ready, {"status": "ok" if is_ready else "unavailable", "needs": dict(needs)}


def _handler(views: Views) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SLOWEST_CLIENT
        server_version, sys_version = "monitor", ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/livez":
                why = views.why_not_live()
                self._json(not why, {"status": "stuck", "reason": why} if why else {"status": "ok"})
            elif path == "/readyz":
                self._json(*readiness(views.needs()))
            elif path == "/metrics":
                self._answer(HTTPStatus.OK, METRICS_TYPE, views.metrics())
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/livez /readyz /metrics\n")

        do_HEAD = do_GET  # noqa: N815 - the library finds methods by these names

        def _json(self, is_well: bool, body: Mapping[str, Any]) -> None:
            status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json", json.dumps(body).encode())

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing: it is asked every few seconds."""

    return Handler
