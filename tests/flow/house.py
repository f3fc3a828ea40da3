"""A whole restaurant of real processes, and a guest who orders there over HTTP."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from restaurant.demo.http import Answer, Api
from restaurant.demo.journal import ENDED, STATUSES
from tests.flow.running_up import NOT_INHERITED, ROOT, Up, running_up
from tests.flow.shell import Shell
from tests.servers.wait import wait_until

PASSWORD = "correct horse battery 7"


class House:
    """A running system, on databases that were prepared."""

    def __init__(self, up: Up, env: Mapping[str, str]) -> None:
        self.up = up
        self.env = env
        self._shell = Shell(env)

    def manage(self, *command: str, expect: int | None = 0) -> str:
        """Run a management command on its databases; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**self.env, "LOG_LEVEL": "WARNING"},
            capture_output=True,
            text=True,
        )
        assert expect is None or done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        """Run Python on its databases; gives what it printed."""
        return self._shell.run(code).strip()

    def close(self) -> None:
        self._shell.close()

    def kafka_address(self) -> str:
        # Asked of a new process: the embedded broker moves.
        code = "from django.conf import settings; print(settings.KAFKA_BOOTSTRAP_SERVERS)"
        return self.manage("shell", "--no-imports", "-c", code).strip()

    def audit(self) -> list[str]:
        """Give what the audit finds."""
        report = json.loads(self.manage("audit", "--json", expect=None))
        return [str(finding) for finding in report["findings"]]

    def guest(self) -> "Guest":
        return Guest(self.up.url)


class Guest:
    """Somebody new, registered and logged in."""

    def __init__(self, url: str) -> None:
        self.api = Api(url)
        account = {"email": f"{uuid4().hex}@guests.example", "password": PASSWORD}
        answer = self._ask("auth/register/", {**account, "name": ""})
        assert answer.status == 201, answer
        self.account = account
        self.log_in()

    def log_in(self) -> None:
        answer = self._ask("auth/login/", self.account)
        assert answer.status == 200, answer
        self.token = answer.body["access"]

    def _ask(self, path: str, body: Any) -> Answer:
        """Ask, and come again for a while where a busy machine says when to."""
        until = time.monotonic() + 30
        while True:
            answer = self.api.call("POST", path, body)
            if answer.status != 503 or time.monotonic() > until:
                return answer
            assert answer.retry_after, answer
            time.sleep(min(answer.retry_after, 1))

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        return self.api.call(method, path, body, {"Authorization": f"Bearer {self.token}"})

    def post_order(self, sku: str = "MARGHERITA", *options: str) -> Answer:
        line = {"sku": sku, "quantity": 1, "options": list(options)}
        return self.call("POST", "orders/", {"lines": [line], "address": "12 Canal Street"})

    def order(self, sku: str = "MARGHERITA", *options: str) -> str:
        """Place an order; gives its id."""
        answer = self.post_order(sku, *options)
        assert answer.status == 201, answer
        return str(answer.body["id"])

    def look(self, order_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"orders/{order_id}/")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        return found

    def wait_for(self, order_id: str, status: str, *, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until the order has come this far; gives it as it is then.

        Fails at once when it ended otherwise.
        """

        def arrived() -> dict[str, Any] | None:
            order = self.look(order_id)
            if order["status"] == status:
                return order
            assert order["status"] not in ENDED, order
            passed = STATUSES.index(order["status"]) > STATUSES.index(status)
            return order if passed and status not in ENDED else None

        found = wait_until(arrived, seconds=seconds)
        assert found
        return found

    def timeline(self, order_id: str) -> list[dict[str, Any]]:
        answer = self.call("GET", f"orders/{order_id}/timeline/")
        assert answer.status == 200, answer
        return list(answer.body)


@contextmanager
def open_house(
    var_dir: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[House]:
    """Start a system of its own, and wait until it can serve."""
    bare = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    ours = {**bare, "VAR_DIR": str(var_dir), "DEBUG": "true", **(env or {})}
    # The supervisor picks the ports.
    ours |= {"PORT": "0", "LIVE_PORT": "0", "AUTH_GRPC_ADDRESS": "127.0.0.1:0"}
    with running_up(var_dir, *arguments, env=ours) as up:
        try:
            up.wait_ready()
            with closing(House(up, ours)) as house:
                yield house
        except BaseException:
            print(up.output[-20_000:])  # noqa: T201 - pytest shows it beside the failure
            raise
