"""A tiny stand-in of the HTTP API, whose faults a test can choose. Nothing is checked or kept."""

import functools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import yaml

from restaurant.demo import house
from restaurant.demo.journal import ENDED, UNFINISHED

COURSE = (*UNFINISHED, "delivered")
CREATED_AT, UPDATED_AT = "2026-03-01T12:00:00Z", "2026-03-01T12:00:07.500000Z"
PAGE_SIZE = 2


@functools.cache
def demo_menu() -> dict[str, Any]:
    """Give the demo's menu as the API would show it."""
    menu: dict[str, Any] = yaml.safe_load(Path(house.MENU).read_text())
    for category in menu["categories"]:
        for item in category["items"]:
            item.setdefault("available", True)
            item.setdefault("option_groups", [])
    return menu


class FakeSystem:
    """Orders move on by one status each time their customer's list is read."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.refresh_tokens: dict[str, str] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.seen: list[tuple[str, str]] = []
        self.connections = 0
        # What the next requests to a path get in place of an answer: a status, or None to hang up.
        self.faults: dict[str, list[int | None]] = {}
        self.expires_in = 300
        # Status after which orders move no further.
        self.last_status = "delivered"

    def asked(self, method: str, path: str) -> int:
        return self.seen.count((method, path))

    def answer(self, method: str, path: str, headers: Any, body: Any) -> tuple[int, Any]:
        url = urlsplit(path)
        name = url.path.removeprefix("/api/v1/")
        with self.lock:
            self.seen.append((method, name))
            if self.faults.get(name):
                return self.faults[name].pop(0) or 0, {"code": "unavailable_now"}
            if name.startswith("auth/"):
                return self.authenticate(name, body)
            email = self.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "))
            if email is None:
                return 401, {"code": "token_not_valid"}
            return self.serve(method, name, parse_qs(url.query), headers, body, email)

    def authenticate(self, name: str, body: Any) -> tuple[int, Any]:
        if name == "auth/register/":
            if body["email"] in self.users:
                return 409, {"code": "email_taken"}
            self.users[body["email"]] = body["password"]
            return 201, {}
        if name == "auth/login/":
            email = body["email"]
            if self.users.get(email) != body["password"]:
                return 401, {"code": "wrong_credentials"}
        else:
            email = self.refresh_tokens.pop(body["refresh"], "")
            if not email:
                return 401, {"code": "token_not_valid"}
        access, refresh = uuid4().hex, uuid4().hex
        self.tokens[access], self.refresh_tokens[refresh] = email, email
        return 200, {"access": access, "refresh": refresh, "expires_in": self.expires_in}

    def serve(
        self, method: str, name: str, query: Any, headers: Any, body: Any, email: str
    ) -> tuple[int, Any]:
        if name == "menu/":
            return 200, demo_menu()
        if name == "orders/" and method == "POST":
            return self.place(headers["Idempotency-Key"], body, email)
        if name == "orders/":
            return 200, self.listed(query, email)
        order = self.orders[name.split("/")[1]]
        if method == "GET":
            return 200, order
        if order["status"] in ENDED:
            return 409, {"code": "order_ended"}
        order["status"] = "cancelled"
        return 202, order

    def place(self, key: str, body: Any, email: str) -> tuple[int, Any]:
        skus = {i["sku"]: i for c in demo_menu()["categories"] for i in c["items"]}
        if any(line["sku"] not in skus for line in body["lines"]):
            return 422, {"code": "invalid", "errors": [{"code": "unknown_sku"}]}
        if key not in self.keys:
            id_ = str(uuid4())
            order = {"id": id_, "number": len(self.orders) + 1, "status": "placed"}
            order |= {"created_at": CREATED_AT, "updated_at": UPDATED_AT, "customer": email}
            self.keys[key] = self.orders[id_] = order
        return 201, self.keys[key]

    def listed(self, query: Any, email: str) -> dict[str, Any]:
        offset = int(query.get("cursor", ["0"])[0])
        wanted = query["status"][0].split(",")
        mine = [o for o in self.orders.values() if o["customer"] == email]
        if not offset:
            for order in mine:
                self.move(order)
        found = [order for order in mine if order["status"] in wanted]
        more = {"cursor": offset + PAGE_SIZE, "status": ",".join(wanted)}
        link = "http://elsewhere/api/v1/orders/?" + "&".join(f"{k}={v}" for k, v in more.items())
        is_last = len(found) <= offset + PAGE_SIZE
        results = found[offset : offset + PAGE_SIZE]
        return {"results": results, "next": None if is_last else link}

    def move(self, order: dict[str, Any]) -> None:
        if order["status"] not in (*ENDED, self.last_status):
            order["status"] = COURSE[COURSE.index(order["status"]) + 1]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    system: FakeSystem

    def setup(self) -> None:
        super().setup()
        with self.system.lock:
            self.system.connections += 1

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        status, answer = self.system.answer(self.command, self.path, self.headers, body)
        if not status:
            self.close_connection = True
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if answer.get("code") == "unavailable_now":
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(system: FakeSystem) -> Iterator[str]:
    """Serve over HTTP on a free port; gives the base URL."""
    handler = type("BoundHandler", (Handler,), {"system": system})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
