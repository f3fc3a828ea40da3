"""The proxy as it runs in compose, on this machine, before one web process; and slow clients."""

import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import NamedTuple

from tests.monitor.asking import Monitored
from tests.servers.ports import answers, free_port
from tests.servers.process import ROOT, Guarded
from tests.servers.wait import wait_until

FOLDER = ROOT / "docker" / "proxy"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request on a connection of its own; raises `OSError` after ten seconds."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        kind = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, body, {**kind, **(headers or {})})
        return _read(connection.getresponse(), began)
    finally:
        connection.close()


def _read(response: HTTPResponse, began: float) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read(), time.monotonic() - began)


def say(port: int, *parts: bytes, pause: float = 0.3) -> Answer:
    """Send bytes that may be no request, a moment apart, and give what is answered in 20 s."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for number, part in enumerate(parts):
            time.sleep(pause if number else 0)
            connection.sendall(part)
        response = HTTPResponse(connection)
        response.begin()
        return _read(response, began)


@contextmanager
def proxy(web: Monitored, web_port: int, folder: Path) -> Iterator[int]:
    """Run the proxy before a web process, and give its port, once it sends requests there."""
    with proxy_before([web_port], monitor=web.port, folder=folder) as port:
        yield port


@contextmanager
def proxy_before(
    web: Sequence[int], *, monitor: int, folder: Path, live: int | None = None
) -> Iterator[int]:
    """Run the proxy before web processes, all of which the one monitor port tells of.

    And before a `live` process, of which it tells as well; without one, nobody is there.
    """
    port, config = free_port(), folder / "haproxy.cfg"
    places = {"public": port, "monitor": monitor, "live": live or free_port()}
    config.write_text(_config(web=web, **places))
    child = Guarded(["haproxy", "-db", "-f", str(config)], log=folder / "haproxy.log")
    try:
        wait_until(lambda: answers(port) and ask(port, "/livez").status == 200, seconds=20)
        yield port
    finally:
        child.stop()


def _config(*, public: int, web: Sequence[int], live: int, monitor: int) -> str:
    """Give the proxy's configuration with the places of this machine in that of compose's."""
    text = (FOLDER / "haproxy.cfg").read_text()
    servers = "\n".join(rf"    server web{i} 127.0.0.1:{at}\1" for i, at in enumerate(web))
    for pattern, place in (
        (r"/etc/haproxy/errors", str(FOLDER / "errors")),
        (r" resolvers docker resolve-prefer ipv4 init-addr none", ""),
        (r"nameserver docker \S+", f"nameserver docker 127.0.0.1:{free_port()}"),
        (r"check port \d+", f"check port {monitor}"),
        (r"    server-template web \d+ web:8000(.*)", servers),
        (r"server-template live \d+ live:8001", f"server live 127.0.0.1:{live}"),
        (r"bind :8080", f"bind 127.0.0.1:{public}"),
        (r"bind :8404", f"bind 127.0.0.1:{free_port()}"),
        (r"127\.0\.0\.1:8405", f"127.0.0.1:{free_port()}"),
    ):
        text, count = re.subn(pattern, place, text)
        assert count, pattern
    return text


class SlowClients:
    """Connections that send their request a byte a second."""

    def __init__(self, port: int, count: int, head: bytes) -> None:
        self.sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
        for each in self.sockets:
            each.sendall(head)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drip, daemon=True)

    def __enter__(self) -> "SlowClients":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        with ExitStack() as stack:
            for each in self.sockets:
                stack.callback(each.close)

    def _drip(self) -> None:
        while not self._over.wait(1):
            for each in self.sockets:
                try:
                    each.sendall(b"a")
                except OSError:
                    # It was cut off, which is what it is here for.
                    continue
