"""Somebody at the stack's one port: orders as a guest, or a page as staff."""

import json
import re
from http.client import HTTPConnection, HTTPResponse
from typing import NamedTuple
from urllib.parse import urlencode

from tests.compose.stack import Stack


class Answer(NamedTuple):
    """What came back; `headers` by their names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        return dict(json.loads(self.body))


def ask(
    stack: Stack,
    path: str,
    *,
    method: str = "GET",
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send one request on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())
    finally:
        connection.close()


def sign_in(stack: Stack, email: str, password: str) -> str:
    """Log in on the staff site, as its form does; gives the session's key.

    By hand: the cookies are for HTTPS alone, so that a client of plain HTTP keeps none.
    """
    path = "/admin/login/"
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    page = response.read().decode()
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
    form = {"csrfmiddlewaretoken": token, "username": email, "password": password}
    connection.request(
        "POST",
        path,
        urlencode(form),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrftoken={cookie(response, 'csrftoken')}",
        },
    )
    answer = connection.getresponse()
    said = answer.read().decode()
    assert answer.status == 302, said[:2000]
    return cookie(answer, "sessionid")


def cookie(response: HTTPResponse, name: str) -> str:
    cookies = "\n".join(response.headers.get_all("Set-Cookie", []))
    (value,) = re.findall(rf"^{name}=([^;]+)", cookies, re.MULTILINE)
    return str(value)
