"""Over real HTTP, on one connection: an answer with a byte too many would spoil the next."""

import gzip
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from typing import NamedTuple

import pytest

from restaurant.gzipped import LEAST_BYTES
from restaurant.problems import MEDIA_TYPE
from tests.monitor.asking import manage, monitored
from tests.servers.ports import free_port
from tests.servers.process import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.once]
MENU = "/api/v1/menu/"
# What differs from one answer to the next.
OWN = {"date", "x-request-id", "ratelimit", "ratelimit-policy"}


class Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    content: bytes


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPConnection]:
    """A connection to a web process that has a menu."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    env = {"VAR_DIR": str(folder), "PORT": str(port), "WEB_WORKERS": "1"}
    manage(env, "migrate_services")
    manage(env, "import_menu", str(ROOT / "restaurant" / "demo" / "menu.yaml"))
    with monitored(folder / "log", "manage.py", "run_web", env=env) as web:
        web.wait_ready()
        connection = HTTPConnection("localhost", port, timeout=30)
        connection.connect()
        yield connection
        connection.close()


def ask(connection: HTTPConnection, method: str, path: str = MENU, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


def told(answer: Answer) -> dict[str, str]:
    """Give the headers that say something of the content."""
    lowered = {name.lower(): value for name, value in answer.headers.items()}
    return {name: value for name, value in lowered.items() if name not in OWN}


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
@pytest.mark.parametrize("path", [MENU, "/api/v1/orders/", "/api/v1/nowhere/", "/problems/"])
def test_head_says_what_get_does_and_sends_nothing(
    connection: HTTPConnection, path: str, accepted: str
) -> None:
    head = ask(connection, "HEAD", path, Accept_Encoding=accepted)
    got = ask(connection, "GET", path, Accept_Encoding=accepted)
    assert (head.status, head.content) == (got.status, b"")
    assert told(head) == told(got)
    assert int(got.headers["Content-Length"]) == len(got.content)


def test_who_takes_gzip_gets_less(connection: HTTPConnection) -> None:
    plain = ask(connection, "GET")
    packed = ask(connection, "GET", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(plain.content) > LEAST_BYTES
    assert len(packed.content) < len(plain.content) / 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_has_not_changed_is_not_sent(connection: HTTPConnection, method: str) -> None:
    etag = ask(connection, "GET").headers["ETag"]
    again = ask(connection, method, If_None_Match=f'"x", {etag}')
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert again.headers["Content-Length"] in (None, "0")


def test_options_tells_what_may_be_asked(connection: HTTPConnection) -> None:
    answer = ask(connection, "OPTIONS")
    assert (answer.status, answer.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [
        ("GET", MENU, "evil.example", 400),
        ("POST", "/api/v1/orders", "localhost", 404),
        ("BREW", MENU, "localhost", 405),
        ("GET", f"{MENU}?{'&'.join(f'f{n}=' for n in range(1001))}", "localhost", 400),
    ],
)
def test_what_reaches_no_view_is_refused_as_a_problem(
    connection: HTTPConnection, method: str, path: str, host: str, status: int
) -> None:
    answer = ask(connection, method, path, Host=host)
    assert (answer.status, answer.headers["Content-Type"]) == (status, MEDIA_TYPE)
    assert int(answer.headers["Content-Length"]) == len(answer.content)
