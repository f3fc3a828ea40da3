"""The servers and the processes that are measured, as `manage.py up` runs them.

Kafka is the real one where Java and Maven are there. All of it listens on loopback and ends with
this process.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from restaurant import lifeline
from tests.benchmarks import load
from tests.benchmarks.databases import NAMES, Databases, PostgresDatabases, SqliteDatabases
from tests.servers.embedded_broker import EmbeddedBroker
from tests.servers.ports import free_port
from tests.servers.process import Child
from tests.servers.real_kafka import RealKafka, missing_tools
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
MENU = Path(__file__).with_name("menu.yaml")
ORDER = {
    "lines": [
        {"sku": "MARGHERITA", "quantity": 2, "options": ["SIZE-L", "OLIVES"], "note": "no basil"},
        {"sku": "LEMONADE", "quantity": 1, "options": []},
    ],
    "address": "12 Canal Street",
    "note": "",
}


HIRE = """
from delivery.models import Courier
Courier.objects.create(name="Kim", on_shift=True)
"""


class NotOnSqlite(Exception):
    """This is measured on PostgreSQL alone."""


class System:
    """Servers, the databases of each service on them, and the processes that were started."""

    def __init__(self, *, database: str = "postgres") -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="restaurant-bench-"))
        self.databases: Databases = (
            PostgresDatabases() if database == "postgres" else SqliteDatabases(self.directory)
        )
        self.valkey = Valkey()
        self.kafka = EmbeddedBroker() if missing_tools() else RealKafka()
        self.port, self.auth_port, self.live_port = free_port(), free_port(), free_port()
        self.children: dict[str, Child] = {}

    def start(self) -> None:
        """Start the servers and prepare databases with a menu and a courier.

        Sets this process's environment, so that Django can be set up in it afterwards.
        """
        self.databases.start()
        self.valkey.start()
        self.kafka.start()
        os.environ.update(self._environment())
        self.manage("migrate_services")
        self.manage("import_menu", str(MENU))
        self.manage("shell", "-c", HIRE)
        self.databases.keep()

    def _environment(self) -> dict[str, str]:
        is_embedded = self.kafka.is_embedded
        return {
            **self.databases.environment(),
            "REDIS_URL": self.valkey.url,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap,
            "KAFKA_IS_EMBEDDED": str(is_embedded),
            "KAFKA_TOPIC_PARTITIONS": "4",
            "AUTH_GRPC_ADDRESS": f"127.0.0.1:{self.auth_port}",
            "PORT": str(self.port),
            "LIVE_PORT": str(self.live_port),
            "VAR_DIR": str(self.directory),
            # The embedded broker is refused outside DEBUG.
            "DEBUG": str(is_embedded),
            "SECRET_KEY": uuid.uuid4().hex * 2,
            # As a restaurant runs it: each request and each batch has its line.
            "LOG_LEVEL": "INFO",
            "ACCESS_TOKEN_SECONDS": "3600",
            # Counted as ever, and far from them.
            **dict.fromkeys(("LIMIT_READING", "LIMIT_ORDERING"), "1000000/second"),
            **dict.fromkeys(("LIMIT_LOGIN", "LIMIT_REGISTERING"), "1000000/second"),
            # Simulated times are next to nothing, so that the work itself is measured.
            "SIMULATION_SPEED": "1000000000",
        }

    def reset(self) -> None:
        """Stop the processes, and have nothing but the menu and the courier again."""
        from django.db import connections

        connections.close_all()
        for name in list(self.children):
            self.stop(name)
        self.databases.put_back()
        self.kafka.clear()
        os.environ["KAFKA_BOOTSTRAP_SERVERS"] = self.kafka.bootstrap
        if not self.kafka.is_embedded:
            self.manage("create_topics")

    def close(self) -> None:
        """Stop all of it."""
        for name in list(self.children):
            self.stop(name)
        for server in (self.kafka, self.valkey, self.databases):
            server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, *names: str, **environment: str) -> None:
        """Start processes by the names that `up` gives them, and wait until they are ready."""
        from restaurant.supervisor import processes

        for process in processes.plan(names).processes:
            child = self.spawn(process.name, *process.command, **environment)
            if is_ready := process.is_ready:
                wait_until(partial(_is_up, child, is_ready), seconds=60)

    def spawn(self, name: str, *command: str, **environment: str) -> Child:
        """Start a command that knows nothing of standard input, under a name to stop it by."""
        child = self.children[name] = Child(
            [sys.executable, "-I", "-S", lifeline.__file__, *command],
            log=self.log(name),
            env={**environment, "PYTHONUNBUFFERED": "1"},
        )
        return child

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def stop(self, name: str) -> None:
        self.children.pop(name).stop()

    def manage(self, *command: str) -> None:
        """Run a management command to its end."""
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @property
    def postgres(self) -> PostgresDatabases:
        if not isinstance(self.databases, PostgresDatabases):
            raise NotOnSqlite
        return self.databases

    def sql(self, alias: str) -> psycopg.Connection[Any]:
        """Open a connection of one's own to a service's database; each statement commits."""
        return self.postgres.connect(NAMES[alias])

    def customers(self, count: int) -> list[str]:
        """Register customers and log them in, over HTTP; gives their access tokens."""
        return [self._customer(number) for number in range(count)]

    def _customer(self, number: int) -> str:
        account = {"email": f"guest{number}@example.com", "password": "correct horse battery 7"}
        self.post("/api/v1/auth/register/", {**account, "name": f"Guest {number}"}, expect=201)
        return str(self.post("/api/v1/auth/login/", account, expect=200)["access"])

    def post(self, path: str, body: Any, *, token: str = "", expect: int) -> Any:
        """Send one request to the web process."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != expect:
            raise RuntimeError(f"POST {path}: {answer.status} {content[:500]!r}")
        return json.loads(content)

    def place(
        self, tokens: list[str], *, clients: int, seconds: float, rate: float | None = None
    ) -> load.Outcome:
        """Place orders as fast as they are taken, or at a rate a second."""
        requests = [
            [load.request("POST", "/api/v1/orders/", token=token, body=ORDER, unique_key=True)]
            for token in tokens
        ]
        spread = [requests[i % len(requests)] for i in range(clients)]
        return load.run(load.Plan(self.port, spread, seconds=seconds, status=201, rate=rate))


def _is_up(child: Child, is_ready: Callable[[], bool]) -> bool:
    return child.running() and is_ready()
