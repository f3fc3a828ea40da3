"""A day outside DEBUG at which everything goes wrong that may tell too much, and all its lines."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from tests.flow.house import PASSWORD, Guest
from tests.flow.premises import Premises
from tests.servers.process import ROOT
from tests.servers.wait import wait_until

# Where nobody lives, and from where nobody asks.
ADDRESS, CLIENT = "7 Quicksilver Mews, Nowhere", "203.0.113.77"
STAFF, STAFF_PASSWORD = "boss@staff.example", "a long staff secret 9"
WRONG_PASSWORD, NEW_PASSWORD = "not the right one 3", "a newly chosen one 5"
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
REQUEST_ID = "whole-run.1"
HIRE = f"""
from auth_grpc.models import User
User.objects.create_superuser({STAFF!r}, {STAFF_PASSWORD!r})
"""
POISON = "poison"


@dataclass
class Day:
    """What was done, and what must not be told of it."""

    premises: Premises
    secrets: set[str] = field(default_factory=set)
    traced_order: str = ""
    failed_request: str = ""
    buried_order: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return str(self.premises.house.up.url)

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Give each line, decoded, with its process's name."""
        return [(name, json.loads(line)) for name, line in self.lines]

    def of(self, event: str) -> list[tuple[str, dict[str, Any]]]:
        return [(name, line) for name, line in self.events() if line["event"] == event]


def spend(premises: Premises, mails: Path) -> Day:
    """Spend the day; ends the house, so that all its lines are there."""
    day = Day(premises)
    _order(day)
    _fail(day)
    _log_in_to_the_site(day)
    _choose_a_password(day, mails)
    _run_demo(day)
    _break(day)
    premises.house.up.stop()
    found = (re.match(r"^(\w+) +\| (.*)$", line) for line in premises.house.up.lines)
    day.lines = [(m[1], m[2]) for m in found if m and m[1] != "up"]
    return day


def _guest(day: Day) -> Guest:
    guest = day.premises.house.guest()
    day.secrets |= {guest.token, PASSWORD, str(guest.account["email"])}
    return guest


def _post(day: Day, guest: Guest, *, note: str = "", **headers: str) -> httpx.Response:
    line = {"sku": "MARGHERITA", "quantity": 1, "options": ["SIZE-M"]}
    return httpx.post(
        f"{day.url}/api/v1/orders/",
        json={"lines": [line], "address": ADDRESS, "note": note},
        headers={
            "Authorization": f"Bearer {guest.token}",
            "X-Forwarded-For": CLIENT,
            **headers,
        },
        timeout=30,
    )


def _order(day: Day) -> None:
    """An order to the door, in a trace, by a guest who then refreshes and is not believed."""
    guest = _guest(day)
    day.secrets |= {ADDRESS, CLIENT}
    answer = _post(day, guest, traceparent=TRACEPARENT)
    assert answer.status_code == 201, answer.text
    assert answer.headers["X-Request-ID"] == TRACE
    day.traced_order = answer.json()["id"]
    guest.wait_for(day.traced_order, "delivered")
    for body in ({"email": guest.account["email"], "password": WRONG_PASSWORD}, {"email": 7}):
        assert guest.api.call("POST", "auth/login/", body).status in (400, 401)
    tokens = guest.api.call("POST", "auth/login/", guest.account).body
    day.secrets |= {WRONG_PASSWORD, tokens["access"], tokens["refresh"]}
    for status in (200, 401):
        refreshed = guest.api.call("POST", "auth/refresh/", {"refresh": tokens["refresh"]})
        assert refreshed.status == status
    bad = guest.api.call("GET", f"orders/{guest.account['email']}/")
    assert bad.status == 404


def _fail(day: Day) -> None:
    """A request that a database refuses, telling the row; an event that another one refuses."""
    guest = _guest(day)
    databases = day.premises.databases
    assert databases
    poisoned = f"CHECK (note <> '{POISON}')"
    with psycopg.connect(databases["orders"], autocommit=True) as orders:
        orders.execute(f"ALTER TABLE orders_order ADD CONSTRAINT poisoned {poisoned}".encode())
        day.failed_request = uuid4().hex
        answer = _post(day, guest, note=POISON, **{"X-Request-ID": day.failed_request})
        assert answer.status_code == 500, answer.text
        assert answer.json()["request_id"] == day.failed_request
        orders.execute("ALTER TABLE orders_order DROP CONSTRAINT poisoned")
    with psycopg.connect(databases["kitchen"], autocommit=True) as kitchen:
        kitchen.execute(
            f"ALTER TABLE kitchen_kitchenorder ADD CONSTRAINT poisoned {poisoned}".encode()
        )
        day.buried_order = _post(day, guest, note=POISON).json()["id"]
        letters = "SELECT 1 FROM kitchen_deadletter"
        wait_until(lambda: kitchen.execute(letters).fetchone(), seconds=30)
        kitchen.execute("ALTER TABLE kitchen_kitchenorder DROP CONSTRAINT poisoned")


class Browser:
    """Keeps cookies as a browser behind a proxy with TLS does."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> httpx.Response:
        return self._keep(self._client.get(path, headers=self._headers()))

    def post(self, path: str, **form: str) -> httpx.Response:
        form["csrfmiddlewaretoken"] = self.cookies.get("csrftoken", "")
        return self._keep(self._client.post(path, data=form, headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        pairs = (f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": "; ".join(pairs), "X-Forwarded-For": CLIENT}

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        return answer


def _log_in_to_the_site(day: Day) -> None:
    browser = Browser(day.url)
    browser.get("/admin/login/")
    wrong = browser.post("/admin/login/", username=STAFF, password=WRONG_PASSWORD)
    assert wrong.status_code == 200
    right = browser.post("/admin/login/", username=STAFF, password=STAFF_PASSWORD)
    assert right.status_code == 302
    assert browser.get(f"/admin/auth_grpc/user/?q={STAFF}").status_code == 200
    assert browser.get(f"/admin/none/{STAFF}/").status_code == 404
    day.secrets |= {STAFF, STAFF_PASSWORD, *browser.cookies.values()}


def _choose_a_password(day: Day, mails: Path) -> None:
    """A link by mail, opened with a forged form too, and spent."""
    browser = Browser(day.url)
    browser.get("/account/password/")
    assert browser.post("/account/password/", email=STAFF).status_code == 302
    wait_until(lambda: any(m.stat().st_size for m in mails.glob("*")), seconds=30)
    (mail,) = mails.glob("*")
    found = re.search(r"/account/password/([^/\s]+)/([^/\s]+)/", mail.read_text())
    assert found
    link, token = found[0], found[2]
    day.secrets |= {token, NEW_PASSWORD}
    # Without a cookie, so the refusal is of this very path.
    assert Browser(day.url).post(link, password=NEW_PASSWORD).status_code == 403
    moved = browser.get(link)
    assert moved.status_code == 302
    browser.get(moved.headers["Location"])
    done = browser.post(moved.headers["Location"], password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert done.status_code == 302
    day.secrets |= set(browser.cookies.values())


def _break(day: Day) -> None:
    """Take away, one after the other, what the processes stand on; each says what it lacks."""
    premises = day.premises
    up = premises.house.up
    for name in ("auth", "web"):
        premises.restart(name)
    with premises.without_database("kitchen"):
        up.wait_for(r"^kitchen .*worker_waits", seconds=60)
    assert premises.kafka
    assert premises.valkey
    premises.kafka.stop()
    up.wait_for(r"^kitchen .*kafka_error", seconds=60)
    premises.valkey.stop()
    up.wait_for(r"^web .*heartbeat_not_sent", seconds=60)
    up.wait_for(r"^celery .*library_said", seconds=60, since=len(up.lines))


def _run_demo(day: Day) -> None:
    env = {**day.premises.house.env, "LOG_LEVEL": "ERROR"}
    command = [
        "manage.py",
        "demo",
        "--against",
        day.url,
        "--orders",
        "20",
        "--exit",
        "--rate",
        "10",
    ]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
