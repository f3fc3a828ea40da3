"""What comes through the proxy, and what it says while nobody can answer."""

import json
import ssl
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import pytest

from tests.compose.breaking import kill
from tests.compose.customer import PASSWORD, Answer, Guest, ask, sign_in
from tests.compose.ordering import ordering
from tests.compose.stack import Stack
from tests.live.listener import Listener
from tests.servers.wait import wait_until

TOKEN = "0123456789abcdef" * 2


def test_it_shows_pages_the_api_and_pictures_through_one_port(stack: Stack):
    assert ask(stack, "/admin/login/").status == 200
    assert ask(stack, "/static/admin/css/base.css").status == 200
    menu = ask(stack, "/api/v1/menu/")
    assert (menu.status, menu.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/%6detrics", "/metrics?x=1"])
def test_it_keeps_figures_to_itself(stack: Stack, path: str):
    assert ask(stack, path).status == 404


def test_it_refuses_bodies_that_nobody_needs(stack: Stack):
    answer = ask(stack, "/api/v1/orders/", method="POST", body=b"x" * 70_000)
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"] == "body_too_large"
    assert answer.json["request_id"]


def test_it_believes_no_client_about_where_it_is(stack: Stack):
    headers = {"Content-Type": "application/json"}
    forged = dict.fromkeys(("X-Forwarded-For", "X_Forwarded_For", "Forwarded"), "203.0.113.9")
    account = json.dumps({"email": "nobody@guests.example", "password": PASSWORD})
    path = "/api/v1/auth/login/"
    answer = ask(stack, path, method="POST", body=account, headers={**headers, **forged})
    assert answer.status == 401
    code = (
        "from auth_grpc.models import LoginCount as L; o = L.objects;"
        "print(*o.filter(scope='address').values_list('subject', flat=True))"
    )
    counted = stack.execute("web", "manage.py", "shell", "--no-imports", "-c", code).split()
    assert counted
    assert "203.0.113.9" not in counted


def test_it_carries_live_streams_as_they_come(stack: Stack):
    email = "cook@staff.example"
    stack.compose(
        *("run", "--rm", "-T", "--env", f"STAFF_PASSWORD={PASSWORD}", "tools"),
        *("manage.py", "create_staff", email, "--role", "kitchen"),
    )
    listener = Listener(stack.port, session=sign_in(stack, email, PASSWORD))
    try:
        assert listener.status == 200
        assert listener.headers["content-type"] == "text/event-stream"
        with ordering(stack, orders=1, rate=50):
            listener.next("changes", seconds=120)
    finally:
        listener.close()


def test_it_carries_who_follows_an_order(stack: Stack):
    guest = Guest(stack)
    path = f"/api/v1/orders/{guest.order()['id']}/events/"
    headers = {"Authorization": f"Bearer {guest.token}"}
    stream = {**headers, "Accept": "text/event-stream"}
    listener = Listener(stack.port, path=path, headers=stream)
    try:
        assert listener.status == 200
        assert listener.next("end", seconds=120).data == {"why": "finished"}
    finally:
        listener.close()
    *events, _end = listener.events
    numbers = [int(event.id) for event in events]
    assert numbers == list(range(1, len(events) + 1))
    assert events[-1].data["order_status"] == "delivered"
    waited = ask(stack, f"{path}?after={len(events) - 1}&wait=20", headers=headers)
    assert [event["sequence"] for event in json.loads(waited.body)] == numbers[-1:]
    again = {**stream, "Last-Event-ID": str(numbers[-1])}
    assert ask(stack, path, headers=again).status == 204
    assert ask(stack, path).status == 401


def test_it_speaks_tls_with_a_certificate_of_the_operators(stack: Stack, secrets: Path):
    parts = [(secrets / name).read_text() for name in ("auth.pem", "auth.key")]
    (secrets / "proxy.pem").write_text("".join(parts))
    stack.compose("up", "--detach", "--wait", "--no-deps", "proxy", beside="compose.tls.yaml")
    try:
        trusted = ssl.create_default_context(cafile=secrets / "ca.pem")
        connection = HTTPSConnection("localhost", stack.tls_port, context=trusted, timeout=10)
        # A form's origin is HTTPS: refused unless the web process knows that it was asked so.
        origin = f"https://localhost:{stack.tls_port}"
        headers = {"Origin": origin, "Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        connection.request("POST", "/i18n/setlang/", headers=headers)
        answer = connection.getresponse()
        assert answer.status == 302, answer.read()
        connection.close()
    finally:
        stack.compose("up", "--detach", "--wait", "--no-deps", "proxy")


def test_it_says_when_to_come_again_while_nobody_can_answer(stack: Stack):
    stack.compose("stop", "web")
    try:
        refused = ask(stack, "/api/v1/menu/")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json["code"] == "unavailable"
        assert_says_later(refused)
        page = ask(stack, "/admin/")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert_says_later(page)
    finally:
        stack.compose("start", "web")
        stack.wait_until_well("web")
        wait_until(lambda: ask(stack, "/api/v1/menu/").status == 200, seconds=20, every=0.2)


# What may be repeated, and what must not: neither a spent token nor a form with no one's cookie.
@pytest.mark.parametrize(
    ("method", "path", "usual"),
    [
        ("GET", "/api/v1/menu/", "200"),
        ("POST", "/api/v1/auth/refresh/", "401"),
        ("POST", "/admin/login/", "403"),
    ],
)
def test_it_leaves_no_request_without_an_answer_while_all_of_web_dies(
    method: str, path: str, usual: str, stack: Stack
):
    seen: Counter[str] = Counter()
    # Slower than the limit on refused requests.
    pause = 0.02 if method == "GET" else 0.5
    body = b'{"refresh": "no-such-token"}' if method == "POST" else None
    headers = {"Content-Type": "application/json"} if body else {}
    over = threading.Event()

    def ask_on_one_connection() -> None:
        connection = HTTPConnection("127.0.0.1", stack.port, timeout=60)
        while not over.wait(pause):
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException) as error:
                connection.close()
                seen[repr(error)] += 1
            else:
                later = "later" if response.headers.get("Retry-After") else ""
                seen[f"{response.status} {later}".strip()] += 1

    with ThreadPoolExecutor(4) as pool:
        try:
            for _ in range(4):
                pool.submit(ask_on_one_connection)
            wait_until(lambda: seen[usual] > 20)
            for container in stack.containers("web"):
                kill(stack, container)
            stack.wait_until_well("web")
            before = seen[usual]
            wait_until(lambda: seen[usual] > before + 20, seconds=30)
        finally:
            over.set()
    assert set(seen) == {usual, "503 later"}


def assert_says_later(answer: Answer) -> None:
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
