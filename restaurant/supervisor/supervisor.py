"""Starting, watching, restarting and stopping every process of one machine."""

import io
import json
import os
import threading
import time
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from restaurant import databases, embedded, migrate, topics
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.supervisor import output, processes
from restaurant.supervisor.child import Child, stop_all
from restaurant.supervisor.errors import NotReady, UpError
from restaurant.supervisor.lock import DirectoryLock
from restaurant.supervisor.processes import BROKER, VALKEY

STEP_SECONDS = 0.05
# Together below the ten seconds in which all must be gone.
STOP_SECONDS, STOP_EMBEDDED_SECONDS = 7.0, 1.0
# Clients of a broker that died have nothing to finish.
STOP_CLIENTS_SECONDS = 2.0
KAFKA, REDIS = "KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL"


class Supervisor:
    """Runs the system, or `only` some of its processes (names: `SERVICES`).

    `env` is added to the processes' environment; the ports come from settings. `sink` takes what
    they say, as (name, line), from several threads; without one, lines go to stdout with the name
    before them. One thread may `run()` while another waits for readiness or stops.
    """

    def __init__(
        self,
        only: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        sink: output.Sink | None = None,
    ) -> None:
        self.plan = processes.plan(only)
        self.base_url = self.plan.base_url
        self._sink = sink or output.to_terminal()
        self._environment = _overlaid(os.environ, {**self.plan.environment, **(env or {})})
        self._children = {p.name: Child(p, heard=self._hear) for p in self.plan.processes}
        self._directory_lock = DirectoryLock(settings.VAR_DIR)
        self._step_lock = threading.RLock()
        # A plain flag: a signal handler may set it, while it might deadlock on an Event's lock.
        self._stopping = False
        self._pipe: tuple[int, int] | None = None
        # Where the broker says it listens, until that has been acted on.
        self._announced: str | None = None
        self._broker_serves = BROKER not in self._children

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    @property
    def serves_http(self) -> bool:
        return "web" in self._children

    def start(self, *, migrations: bool = True) -> None:
        """Check, migrate databases and create topics, and start what can be started at once.

        Raises `PortInUse`, `AlreadyUp` or another `UpError` before anything is started.
        """
        self._directory_lock.acquire()
        try:
            self._require_free_ports()
            if migrations:
                self._migrate()
                self._create_topics()
            self._write_addresses()
            # WhiteNoise warns of a directory that is not there, also when it is not needed.
            settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        except BaseException:
            self._directory_lock.release()
            raise
        self._pipe = os.pipe()
        self.step()

    def run(self) -> None:
        """Keep everything running until told to stop; then stop it all."""
        while not self._stopping:
            self.step()
            time.sleep(STEP_SECONDS)
        self.stop()

    def wait_ready(self, seconds: float) -> None:
        """Wait until every process can do its work, restarting meanwhile what dies.

        Returns early when told to stop. Raises `NotReady`, which names those that cannot.
        """
        deadline = time.monotonic() + seconds
        waiting = list(self._children.values())
        while not self._stopping:
            self.step()
            waiting = [child for child in waiting if not child.is_ready()]
            if not waiting:
                return
            if time.monotonic() > deadline:
                names = ", ".join(child.name for child in waiting)
                raise NotReady(f"Not ready after {seconds:.0f} s: {names}.")
            time.sleep(STEP_SECONDS)

    def ask_to_stop(self) -> None:
        """Have `run` and `wait_ready` return; may be called from a signal handler."""
        self._stopping = True

    def stop(self) -> None:
        """Stop every process and wait for its end, nine seconds at most; again does nothing."""
        self._stopping = True
        with self._step_lock:
            if self._pipe is None:
                return
            base = (BROKER, VALKEY)
            above = [child for name, child in self._children.items() if name not in base]
            stop_all(above, seconds=STOP_SECONDS)
            stop_all(self._children.values(), seconds=STOP_EMBEDDED_SECONDS)
            embedded.forget_addresses(settings.VAR_DIR)
            for end in self._pipe:
                os.close(end)
            self._pipe = None
            self._directory_lock.release()

    def step(self) -> None:
        """Go once around: note deaths, act on the broker's address, start what is due."""
        with self._step_lock:
            if self._stopping or self._pipe is None:
                return
            for child in self._children.values():
                if ending := child.reap():
                    self._mourn(child, ending)
            if self._announced:
                self._follow_broker(self._announced)
            for child in self._children.values():
                if child.is_due and self._has_needs(child):
                    self._start(child, self._pipe[0])

    def _start(self, child: Child, pipe: int) -> None:
        child.start(
            environment=self._environment, pipe=pipe, inherits=self._directory_lock.to_inherit
        )
        self._say(f"{child.name} started, process {child.pid}")

    def _has_needs(self, child: Child) -> bool:
        return self._broker_serves or BROKER not in child.process.needs

    def _mourn(self, child: Child, ending: str) -> None:
        seconds = child.back_off()
        self._say(f"{child.name} ended ({ending}); starting it again in {seconds:.1f} s")
        if child.name == BROKER:
            # It forgets all and comes back elsewhere: its clients start anew, after it.
            self._announced, self._broker_serves = None, False
            clients = [c for c in self._children.values() if BROKER in c.process.needs]
            stop_all(clients, seconds=STOP_CLIENTS_SECONDS)

    def _follow_broker(self, address: str) -> None:
        """Tell everyone where the new broker is, and give back to it what the last one forgot."""
        self._announced = None
        self._environment[KAFKA] = address
        self._write_addresses()
        try:
            self._republish()
            self._broker_serves = True
        except (DatabaseError, CommandError) as error:
            # Without its unfinished orders the broker is of no use: try again from the beginning.
            self._say(f"unfinished orders cannot be republished: {error}")
            self._children[BROKER].kill()
            self._children[BROKER].back_off()

    def _republish(self) -> None:
        said = io.StringIO()
        try:
            call_command("republish", "--all", stdout=said, stderr=said)
        finally:
            connections.close_all()
        for line in said.getvalue().splitlines():
            self._say(line)

    def _write_addresses(self) -> None:
        found = {
            name: self._environment[name]
            for name in settings.EMBEDDED_PARTS
            if name in self._environment
        }
        embedded.write_addresses(settings.VAR_DIR, found)

    def _require_free_ports(self) -> None:
        for process in self.plan.processes:
            if process.place:
                process.place.require_free()

    def _migrate(self) -> None:
        configured = databases.configured(settings.DATABASES)
        try:
            lacked = migrate.migrate(a for a in databases.URL_VARIABLES if a in configured)
        except DatabaseError as error:
            raise UpError(f"The databases cannot be migrated: {error}".strip()) from error
        finally:
            connections.close_all()
        if total := sum(lacked.values()):
            self._say(f"{total} migrations applied")

    def _create_topics(self) -> None:
        """Make a real broker's topics; when it is away, orders are taken without it."""
        if settings.KAFKA_IS_EMBEDDED or KAFKA in settings.EMBEDDED_PARTS:
            return
        try:
            topics.create()
        except BrokerUnavailable as error:
            self._say(f"no topics were created: {error}")

    def _hear(self, name: str, line: str) -> None:
        if name == BROKER and (address := _announcement(line)):
            self._announced = address
        else:
            self._sink(name, line)

    def _say(self, line: str) -> None:
        self._sink("up", line)


def _overlaid(environment: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Give the environment with our variables; a file that an operator gave for one has no say."""
    files = {f"{name}_FILE" for name in ours}
    return {**{k: v for k, v in environment.items() if k not in files}, **ours}


def _announcement(line: str) -> str | None:
    """Read the one line in which the embedded broker tells where it listens."""
    try:
        return str(json.loads(line)[KAFKA])
    except (ValueError, TypeError, KeyError):
        return None
