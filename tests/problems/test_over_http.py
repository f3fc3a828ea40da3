"""Over real HTTP, of the server that answers in production: what no test client can send."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from restaurant.problems import MEDIA_TYPE
from restaurant.problems.catalogue import CATALOGUE
from tests.monitor.asking import manage, monitored
from tests.proxy.ground import ask, say
from tests.servers.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.once]
LOGIN, MENU = "/api/v1/auth/login/", "/api/v1/menu/"
JSON = {"Content-Type": "application/json"}
BODY = b'{"email": "ada@example.com", "password": "not hers"}'


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a web process listens."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    env = {"VAR_DIR": str(folder), "PORT": str(port), "WEB_WORKERS": "1"}
    manage(env, "migrate_services")
    with monitored(folder / "log", "manage.py", "run_web", env=env) as web:
        web.wait_ready()
        yield port


def is_told(answer: Any, code: str) -> dict[str, Any]:
    """Hold an answer to a kind of the catalogue, and give its body."""
    told: dict[str, Any] = json.loads(answer.body)
    assert (answer.status, told["code"]) == (CATALOGUE[code].status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE
    return told


@pytest.mark.parametrize("body", [BODY, b""], ids=["some", "none"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_body_without_a_length_is_refused(port: int, method: str, body: bytes) -> None:
    chunks = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    sent = {**JSON, "Transfer-Encoding": "chunked"}
    answer = ask(port, LOGIN, method=method, body=chunks + b"0\r\n\r\n", headers=sent)
    is_told(answer, "length_required")


def test_a_body_without_a_length_is_refused_outside_the_api_s_paths_too(port: int) -> None:
    sent = {**JSON, "Transfer-Encoding": "chunked"}
    is_told(
        ask(port, "/api/none/", method="POST", body=b"0\r\n\r\n", headers=sent), "length_required"
    )


@pytest.mark.parametrize(
    ("body", "length", "code"),
    [
        (BODY, b"", "length_required"),
        (BODY, b"%d" % len(BODY), "auth_unavailable"),
        (b"", b"", "invalid"),
        (b"", b"0", "invalid"),
    ],
)
def test_so_is_one_over_http_2(port: int, body: bytes, length: bytes, code: str) -> None:
    assert code.encode() in _ask_by_http_2(port, body, length)


def _ask_by_http_2(port: int, body: bytes, length: bytes) -> bytes:
    """POST a login, and give all that comes back (RFC 9113; headers as RFC 7541 has them)."""
    fields = {
        b":method": b"POST",
        b":scheme": b"http",
        b":path": LOGIN.encode(),
        b":authority": b"localhost",
        b"content-type": b"application/json",
        **({b"content-length": length} if length else {}),
    }
    # Literal fields that nobody remembers (RFC 7541, 6.2.2), all shorter than 127 bytes.
    packed = b"".join(b"\0%c%b%c%b" % (len(n), n, len(v), v) for n, v in fields.items())
    headers, data, settings, last = 1, 0, 4, 1
    frames = [
        _frame(settings, 0, 0),
        _frame(headers, 4 | (0 if body else last), 1, packed),
        *([_frame(data, last, 1, body)] if body else []),
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"".join(frames))
        return _until_the_end(connection)


def _frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    return len(content).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + content


def _until_the_end(connection: socket.socket) -> bytes:
    """Read frames until one ends the first stream, and give their contents."""
    file, found = connection.makefile("rb"), b""
    while head := file.read(9):
        content = file.read(int.from_bytes(head[:3]))
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:])
        found += content if kind == 0 else b""
        if stream == 1 and kind in (0, 1) and flags & 1:
            break
    return found


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"HELO localhost\r\n\r\n", 400),
        (b"GET /%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * 70_000), 414),
        (b"GET / HTTP/1.1\r\n%b\r\n" % (b"X-A: a\r\n" * 101), 431),
    ],
)
def test_the_server_refuses_what_is_no_http_to_it_without_a_word(
    port: int, sent: bytes, status: int
) -> None:
    """The proxy puts words to it."""
    answer = say(port, sent)
    assert (answer.status, answer.body) == (status, b"")
    assert "content-type" not in answer.headers
