"""Somebody at the stack's one port: orders as a guest, or a page as staff."""

import json
import re
import time
from http.client import HTTPConnection, HTTPResponse
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from restaurant.demo.carts import Carts
from tests.compose.stack import Stack
from tests.servers.wait import wait_until

PASSWORD = "the soup of the day 9"
# How long one comes again who is told to.
PATIENCE = 30.0


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


def ask_patiently(stack: Stack, path: str, **request: Any) -> Answer:
    """Ask, and come again for a while where a part that was made anew says when to.

    Each process of web finds auth again by itself, and the proxy each of them.
    """
    until = time.monotonic() + PATIENCE
    while True:
        answer = ask(stack, path, **request)
        if answer.status != 503 or time.monotonic() > until:
            return answer
        time.sleep(min(float(answer.headers["retry-after"]), 1))


class Guest:
    """Somebody with an account, who has logged in once, and comes again when told to."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._account = {"email": f"{uuid4().hex}@guests.example", "password": PASSWORD}
        assert self._send("auth/register/", {**self._account, "name": "Ada"}).status == 201
        answer = self.log_in()
        assert answer.status == 200, answer
        self.token, self.refresh = str(answer.json["access"]), str(answer.json["refresh"])

    def log_in(self) -> Answer:
        return self._send("auth/login/", self._account)

    def renew(self) -> Answer:
        """Spend the refresh token."""
        return self._send("auth/refresh/", {"refresh": self.refresh})

    def get(self, path: str) -> Answer:
        """Read something below /api/v1/, by the first access token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return ask_patiently(self._stack, f"/api/v1/{path}", headers=headers)

    def order(self) -> dict[str, Any]:
        """Order something quick; gives the order as it was answered."""
        cart = Carts(ask_patiently(self._stack, "/api/v1/menu/").json).quick(Random(0))
        known = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid4().hex}
        answer = self._send("orders/", cart, known)
        assert answer.status == 201, answer
        return dict(answer.json)

    def wait_for(self, order: dict[str, Any], status: str = "delivered") -> None:
        path = f"orders/{order['id']}/"
        wait_until(lambda: self.get(path).json.get("status") == status, seconds=60, every=0.2)

    def _send(self, path: str, body: object, headers: dict[str, str] | None = None) -> Answer:
        told = {"Content-Type": "application/json", **(headers or {})}
        return ask_patiently(
            self._stack, f"/api/v1/{path}", method="POST", body=json.dumps(body), headers=told
        )


def sign_in(stack: Stack, email: str, password: str) -> str:
    """Log in on the staff site, as its form does; gives the session's key.

    By hand: the cookies are for HTTPS alone, so that a client of plain HTTP keeps none.
    """
    path = "/admin/login/"
    assert ask_patiently(stack, path).status == 200
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
