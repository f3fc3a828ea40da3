"""A live process on a test's own database and broker, people who listen, and what they hear."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client
from google.protobuf.message import Message

from auth_grpc.models import Role, User
from proto.delivery_pb2 import DeliveryChanged
from proto.kitchen_pb2 import KitchenChanged
from proto.orders_pb2 import MenuChanged, OrderCancelRequested
from restaurant.messaging import contracts, kafka
from restaurant.supervisor.probes import answers_http
from restaurant.supervisor.processes import plan
from tests.live.listener import Listener
from tests.messaging.toys import headers_for
from tests.servers.ports import free_port
from tests.servers.process import ROOT
from tests.servers.wait import wait_until

TOLD = (KitchenChanged, OrderCancelRequested, MenuChanged, DeliveryChanged)
PASSWORD = "correct horse battery 7"


class LiveProcess:
    """The live process as `up` starts it; may be killed and started again on its port."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.port = free_port()
        self._log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self, *, wait: bool = True, **environment: str) -> "LiveProcess":
        """Start it, with these variables now and whenever it is started again."""
        self._environment |= environment
        (process,) = (p for p in plan(["live"]).processes if p.name == "live")
        told = {
            **os.environ,
            "LIVE_PORT": str(self.port),
            "AUTH_DATABASE_URL": database_url(),
            "KAFKA_BOOTSTRAP_SERVERS": settings.KAFKA_BOOTSTRAP_SERVERS,
            "KAFKA_IS_EMBEDDED": str(settings.KAFKA_IS_EMBEDDED),
            **self._environment,
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                process.command, cwd=ROOT, env=told, stderr=log, stdout=log
            )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        wait_until(lambda: self.is_running() and self.is_ready(), seconds=30)

    def is_running(self) -> bool:
        assert self._process
        code = self._process.poll()
        assert code is None, f"{code}:\n{self.log[-4000:]}"
        return True

    def is_ready(self) -> bool:
        return answers_http("127.0.0.1", self.port, "/readyz")

    def listen(self, session: str, channel: str = "kitchen", **how: str) -> Listener:
        return Listener(self.port, channel, session, **how)  # type: ignore[arg-type]

    def ask_to_stop(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait for its end; raises `TimeoutExpired`."""
        assert self._process
        self._process.wait(seconds)

    def seconds_to_end(self, *, streams: int) -> float:
        """Give how long so many streams took to end once it said that it stops, by its own log."""
        lines = self.log.splitlines()
        (stops,) = (number for number, line in enumerate(lines) if "live_stopping" in line)
        began = _at(lines[stops])
        ends = [_at(line) for line in lines[stops:] if "request_answered" in line]
        assert len(ends) >= streams, self.log[-4000:]
        return (max(ends) - began).total_seconds()

    def kill(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()


def _at(line: str) -> datetime:
    """Give when a line of the log was written."""
    return datetime.fromisoformat(line.split()[0])


def database_url(alias: str = "default") -> str:
    """Give the URL of one of the test's own databases."""
    connection = connections[alias]
    ours = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{ours['NAME']}"
    return f"postgres://{ours['USER']}@{ours['HOST']}:{ours['PORT']}/{ours['NAME']}"


def make_topics(*more: str) -> None:
    """Make what a real broker needs to be told of; the embedded one makes them when asked."""
    if not settings.KAFKA_IS_EMBEDDED:
        names = sorted({*more, *(contracts.topic_of(kind) for kind in TOLD)})
        kafka.create_topics(names, partitions=4, replication=1, config={})


def user(*roles: Role, superuser: bool = False) -> User:
    """Make somebody with these roles."""
    made = User.objects.create_user(f"{uuid4().hex}@staff.example", PASSWORD)
    made.groups.set(Group.objects.filter(name__in=roles))
    if superuser:
        User.objects.filter(pk=made.pk).update(is_superuser=True)
    return made


def sign_in(who: User) -> str:
    """Begin a session as the staff site does; gives its key."""
    client = Client()
    client.force_login(who)
    return client.cookies["sessionid"].value


def publish(messages: Iterable[Message]) -> None:
    """Send messages as their service would, and wait until the broker has them."""
    waiting = _unsent(messages)
    if waiting:
        # The client may know topics as they were before another test deleted them.
        _producer.cache_clear()
        waiting = _unsent(waiting)
    assert not waiting


def _unsent(messages: Iterable[Message]) -> list[Message]:
    """Send messages; gives those that the broker did not take."""
    producer = _producer(settings.KAFKA_BOOTSTRAP_SERVERS)
    sent, taken = list(messages), set[int]()
    for number, message in enumerate(sent):
        producer.send(
            contracts.topic_of(type(message)),
            contracts.key_of(message),
            message.SerializeToString(),
            headers_for(message),
            partial(_note, taken, number),
        )
    producer.flush(30)
    return [message for number, message in enumerate(sent) if number not in taken]


def _note(taken: set[int], number: int, is_taken: bool) -> None:
    if is_taken:
        taken.add(number)


@cache
def _producer(_bootstrap: str) -> kafka.Producer:
    """Give the one client for a broker: a new one takes half a second until it sends."""
    return kafka.Producer()


def tell_kitchen(orders: Iterable[str]) -> None:
    """Publish a notice for each order, as the kitchen's relay would."""
    publish(KitchenChanged(id=str(uuid4()), order_ids=[order]) for order in orders)
