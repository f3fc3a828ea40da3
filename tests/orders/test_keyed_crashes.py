"""A web process killed at each step of a keyed POST, and the request sent again to another one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from restaurant.idempotency.schema import REPLAYED
from tests.flow.running_up import bare_environment
from tests.monitor.asking import manage
from tests.orders.people import MENU, ORDER
from tests.servers.ports import answers, free_port
from tests.servers.postgres import create_database
from tests.servers.process import ROOT
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(databases=[])]
PLACING = [
    ("orders.intake.place", "before"),
    ("orders.placing._reserve", "after"),
    ("orders.placing._insert", "before"),
    ("orders.placing._insert", "after"),
    ("orders.placing.commit", "after"),
    ("orders.api.views._told", "before"),
]
CANCELLING = [
    ("restaurant.idempotency.keyed.lock", "before"),
    ("orders.services.request_cancel", "before"),
    ("orders.services.request_cancel", "after"),
    ("restaurant.idempotency.keyed._keep", "after"),
    ("restaurant.idempotency.keyed._tell", "before"),
]


class Customer:
    """Somebody new, who sends requests to whichever process."""

    def __init__(self) -> None:
        headers = {"Authorization": f"Bearer {uuid4()}"}
        self._client = httpx.Client(headers=headers, timeout=30)

    def post(self, port: int, path: str, body: Any) -> httpx.Response:
        headers = {"Idempotency-Key": "k1"}
        return self._client.post(_url(port, path), json=body, headers=headers)

    def orders(self, port: int) -> list[Any]:
        found: list[Any] = self._client.get(_url(port, "orders/")).json()["results"]
        return found

    def cancels(self, port: int, order: str) -> int:
        timeline = self._client.get(_url(port, f"orders/{order}/timeline/")).json()
        return sum(entry["type"] == "order_cancel_requested" for entry in timeline)


def _url(port: int, path: str) -> str:
    return f"http://127.0.0.1:{port}/api/v1/{path}"


@pytest.fixture(scope="module")
def env(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of processes on an orders database with a menu."""
    directory = tmp_path_factory.mktemp("web")
    env = {**bare_environment(), "VAR_DIR": str(directory), "REDIS_URL": "redis://127.0.0.1:1"}
    if pytestconfig.option.database == "postgres":
        name = f"orders_{uuid4().hex[:8]}"
        env["ORDERS_DATABASE_URL"] = create_database(os.environ["TEST_POSTGRES_URL"], name)
    menu = directory / "menu.json"
    menu.write_text(json.dumps(MENU))
    manage(env, "migrate", "orders", "--database=orders")
    manage(env, "import_menu", str(menu))
    return env


@pytest.fixture(scope="module")
def alive(env: dict[str, str]) -> Iterator[int]:
    """The port of a process that lives on."""
    with web(env) as (_process, port):
        yield port


@pytest.fixture
def customer() -> Customer:
    return Customer()


@contextmanager
def web(env: dict[str, str], *step: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Run a process that dies at a step, or at none, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "tests.orders.dying_web", str(port), *step]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(partial(answers, port), seconds=60)
        yield process, port
    finally:
        process.kill()
        process.wait()


def post_and_die(env: dict[str, str], customer: Customer, path: str, body: Any, *step: str) -> None:
    """Send a request that nobody answers, because its process is killed at a step of it."""
    with web(env, *step) as (process, port):
        with pytest.raises(httpx.TransportError):
            customer.post(port, path, body)
        assert process.wait(30) == -signal.SIGKILL


@pytest.mark.parametrize("step", PLACING, ids=" ".join)
def test_one_order_is_placed_whenever_the_process_dies(
    env: dict[str, str], alive: int, customer: Customer, step: tuple[str, str]
):
    post_and_die(env, customer, "orders/", ORDER, *step)
    before = customer.orders(alive)
    answer, again = (customer.post(alive, "orders/", ORDER) for _ in range(2))
    assert answer.status_code == 201
    # Told as a repeat exactly when the first had been committed.
    assert (REPLAYED in answer.headers) == bool(before)
    assert (again.content, again.headers[REPLAYED]) == (answer.content, "true")
    assert customer.orders(alive) == [answer.json()]


@pytest.mark.parametrize("step", CANCELLING, ids=" ".join)
def test_the_kitchen_is_asked_once_whenever_the_process_dies(
    env: dict[str, str], alive: int, customer: Customer, step: tuple[str, str]
):
    order = customer.post(alive, "orders/", ORDER).json()["id"]
    cancel = f"orders/{order}/cancel/"
    post_and_die(env, customer, cancel, {}, *step)
    asked = customer.cancels(alive, order)
    answer, again = (customer.post(alive, cancel, {}) for _ in range(2))
    assert answer.status_code == 202
    assert (REPLAYED in answer.headers) == bool(asked)
    assert (again.content, again.headers[REPLAYED]) == (answer.content, "true")
    assert customer.cancels(alive, order) == 1


def test_the_answer_that_was_lost_is_given_to_the_repeat(
    env: dict[str, str], alive: int, customer: Customer, tmp_path: Path
):
    lost = tmp_path / "answer"
    post_and_die(env, customer, "orders/", ORDER, "answered", str(lost))
    again = customer.post(alive, "orders/", ORDER)
    assert (again.content, again.headers[REPLAYED]) == (lost.read_bytes(), "true")
    (order,) = customer.orders(alive)
    cancel, reason = f"orders/{order['id']}/cancel/", {"reason": "caf\u00e9"}
    post_and_die(env, customer, cancel, reason, "answered", str(lost))
    again = customer.post(alive, cancel, reason)
    assert (again.content, again.headers[REPLAYED]) == (lost.read_bytes(), "true")
    assert customer.cancels(alive, order["id"]) == 1


def test_two_hundred_at_once_at_two_processes_place_one_order(
    env: dict[str, str], alive: int, customer: Customer
):
    with web(env) as (_process, port), ThreadPoolExecutor(40) as pool:
        ports = [alive, port] * 100
        told = list(pool.map(lambda each: customer.post(each, "orders/", ORDER), ports))
    placed = [answer for answer in told if answer.status_code == 201]
    waiting = [answer for answer in told if answer.status_code != 201]
    assert len({answer.content for answer in placed}) == 1
    assert sum(REPLAYED not in answer.headers for answer in placed) == 1
    codes = {(answer.status_code, answer.json()["code"]) for answer in waiting}
    assert codes <= {(409, "idempotency_key_in_use")}
    assert all(answer.headers["Retry-After"] == "1" for answer in waiting)
    assert customer.orders(alive) == [placed[0].json()]
