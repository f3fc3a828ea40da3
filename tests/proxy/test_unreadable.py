"""Requests that are hardly any: they are told as problems, but for those HAProxy cannot read."""

import json
from collections.abc import Iterator

import pytest

from restaurant.problems import CATALOGUE, MEDIA_TYPE
from restaurant.problems.problem import body
from tests.monitor.asking import manage, monitored
from tests.proxy.ground import ask, proxy_before, say
from tests.servers.ports import answers, free_port
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.haproxy]
HOST = b"Host: localhost\r\n"
GET = b"GET /api/v1/menu/ HTTP/1.1\r\n" + HOST
CHUNKED = b"POST /api/v1/orders/ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n"
UPLOAD = b"POST /admin/ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
EVENTS = b"/api/v1/orders/01a22403-bbbb-7514-b7e9-ca0c18a3d5e3/events/"


def headers(count: int) -> bytes:
    return b"".join(b"X-%d: a\r\n" % number for number in range(count))


PROBLEMS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "a method that nobody knows": (
        (b"BREW /api/v1/menu/ HTTP/1.1\r\n" + HOST + b"\r\n",),
        "method_not_allowed",
    ),
    "no host": ((b"GET /api/v1/menu/ HTTP/1.1\r\n\r\n",), "bad_request"),
    "a nul in a header": ((GET + b"X-A: a\0b\r\n\r\n",), "bad_request"),
    "a nul in a header to live": (
        (b"GET " + EVENTS + b" HTTP/1.1\r\n" + HOST + b"X-A: a\0b\r\n\r\n",),
        "bad_request",
    ),
    "chunks that are none, after the head": ((CHUNKED + b"\r\n", b"zz\r\n"), "bad_request"),
    "the same of an upload": ((UPLOAD, b"zz\r\n"), "bad_request"),
    "a long path": (
        (b"GET /api/v1/" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
        "uri_too_long",
    ),
    "a long query": (
        (b"GET /api/v1/menu/?a=" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
        "uri_too_long",
    ),
    "a hundred headers": ((GET + headers(99) + b"\r\n",), "too_many_headers"),
    "four hundred headers": ((GET + headers(400) + b"\r\n",), "too_many_headers"),
    "figures": ((b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n",), "not_found"),
}
# In HAProxy's program: it knows no configuration of ours yet.
ITS_OWN: dict[str, tuple[tuple[bytes, ...], int]] = {
    "no HTTP": ((b"HELO localhost\r\n\r\n",), 400),
    "TLS": ((bytes.fromhex("16030100a5010000a10303") + bytes(32),), 400),
    "HTTP 0.9": ((b"GET /api/v1/menu/\r\n\r\n",), 400),
    "a space in the address": ((b"GET /api/v1/me nu/ HTTP/1.1\r\n" + HOST + b"\r\n",), 400),
    "a control character in it": ((b"GET /api/\x01 HTTP/1.1\r\n" + HOST + b"\r\n",), 400),
    "another host in it": ((b"GET http://other/ HTTP/1.1\r\n" + HOST + b"\r\n",), 400),
    "a method that can be none": ((b"G(T / HTTP/1.1\r\n" + HOST + b"\r\n",), 400),
    "a header without a colon": ((GET + b"nonsense\r\n\r\n",), 400),
    "a header with a space in its name": ((GET + b"X A: a\r\n\r\n",), 400),
    "two hosts": ((GET + b"Host: other\r\n\r\n",), 400),
    "two lengths": ((GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",), 400),
    "a long header": ((GET + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n",), 400),
    "a longer address": ((b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",), 400),
    "a thousand headers": ((GET + headers(1000) + b"\r\n",), 400),
    "chunks that are none, with the head": ((CHUNKED + b"\r\nzz\r\n",), 400),
    "a body that is packed": ((CHUNKED.replace(b"chunked", b"gzip, chunked") + b"\r\n",), 422),
    "a request line that never ends": ((b"GET /api",), 408),
    "a head that never ends": ((GET + b"X-A: a",), 408),
}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The proxy's port, before the servers that answer in production."""
    folder, port, live = tmp_path_factory.mktemp("proxy"), free_port(), free_port()
    env = {"VAR_DIR": str(folder), "PORT": str(port), "WEB_WORKERS": "1", "LIVE_PORT": str(live)}
    manage(env, "migrate_services")
    with (
        monitored(folder / "web.log", "manage.py", "run_web", env=env) as web,
        monitored(folder / "live.log", "manage.py", "run_live", env=env),
    ):
        web.wait_ready()
        wait_until(lambda: answers(live), seconds=40)
        with proxy_before([port], monitor=web.port, folder=folder, live=live) as public:
            path = EVENTS.decode()
            wait_until(lambda: ask(public, path).status == 401)
            yield public


@pytest.mark.parametrize("name", PROBLEMS)
def test_it_is_told_as_any_other_error(public: int, name: str) -> None:
    parts, code = PROBLEMS[name]
    answer = say(public, *parts)
    kind = CATALOGUE[code]
    assert (answer.status, answer.headers["content-type"]) == (kind.status, MEDIA_TYPE)
    told = json.loads(answer.body)
    assert told["detail"].endswith(kind.advice)
    whole = body(kind, request_id=answer.headers["x-request-id"])
    assert told == {**whole, "detail": told["detail"]}


@pytest.mark.parametrize("name", ITS_OWN)
def test_haproxy_refuses_itself_what_it_cannot_read(public: int, name: str) -> None:
    parts, status = ITS_OWN[name]
    answer = say(public, *parts)
    assert (answer.status, answer.headers["content-type"]) == (status, "text/html")
    assert answer.body.startswith(f"<html><body><h1>{status} ".encode())


def test_as_many_headers_as_are_needed_are_taken(public: int) -> None:
    assert say(public, GET + headers(90) + b"\r\n").status == 200
    assert say(public, GET + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n").status == 200
