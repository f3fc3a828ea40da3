"""What the supervisor refuses, and how it deals with one process; no Django is started."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from restaurant.supervisor import AlreadyUp, NotReady, PortInUse, Supervisor, UpError
from restaurant.supervisor.child import Child, how_it_ended, stop_all
from restaurant.supervisor.lock import DirectoryLock
from restaurant.supervisor.processes import SERVICES, Process, plan
from tests.flow.running_up import members
from tests.servers.ports import answers, free_port
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once

STUBBORN = "trap '' TERM; while true; do sleep 1; done"


@pytest.fixture(autouse=True)
def bare_machine(settings, tmp_path):
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path
    settings.EMBEDDED_PARTS = ["KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL"]
    settings.PORT, settings.LIVE_PORT = free_port(), free_port()
    settings.AUTH_GRPC_ADDRESS = settings.AUTH_GRPC_LISTEN = f"127.0.0.1:{free_port()}"


@pytest.fixture
def ties():
    """What ties a process to this one, as `Child.start` takes it."""
    reading, writing = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    yield {"environment": os.environ, "pipe": reading, "inherits": nothing}
    for descriptor in (reading, writing, nothing):
        os.close(descriptor)


@pytest.fixture
def child(ties):
    """Start a command as the supervisor would; gives its `Child` and the lines it says."""
    made: list[Child] = []

    def start(*command: str) -> tuple[Child, list[str]]:
        lines: list[str] = []
        made.append(Child(Process("it", command), heard=lambda _name, line: lines.append(line)))
        made[-1].start(**ties)
        return made[-1], lines

    yield start
    for one in made:
        one.kill()


def names(only=None) -> list[str]:
    return [process.name for process in plan(only).processes]


def test_it_plans_everything_on_a_bare_machine():
    assert names() == ["broker", "valkey", *SERVICES]


def test_it_plans_what_is_chosen_and_what_it_stands_on():
    assert names(["delivery"]) == ["broker", "valkey", "delivery"]
    assert names(["web", "auth"]) == ["valkey", "auth", "web"]


def test_it_plans_no_server_that_is_configured(settings):
    settings.EMBEDDED_PARTS = []
    assert names() == list(SERVICES)
    settings.EMBEDDED_PARTS = ["REDIS_URL"]
    assert names() == ["valkey", *SERVICES]


def test_it_refuses_a_name_that_does_not_exist():
    with pytest.raises(UpError, match=r"No such process: sauna\. There are auth, web"):
        Supervisor(only=["kitchen", "sauna"])


def test_it_refuses_embedded_servers_outside_debug(settings):
    settings.DEBUG = False
    with pytest.raises(UpError, match="Set KAFKA_BOOTSTRAP_SERVERS and REDIS_URL: outside DEBUG"):
        Supervisor()


@pytest.mark.parametrize(
    ("variable", "purpose"),
    [
        ("PORT", "the HTTP API and staff site"),
        ("LIVE_PORT", "the live streams"),
        ("AUTH_GRPC_ADDRESS", "auth's gRPC server"),
    ],
)
def test_it_names_a_port_in_use_and_starts_nothing(settings, tmp_path, variable, purpose):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        if variable == "AUTH_GRPC_ADDRESS":
            settings.AUTH_GRPC_LISTEN = f"127.0.0.1:{port}"
        else:
            setattr(settings, variable, port)
        said: list[str] = []
        with pytest.raises(PortInUse) as refused:
            Supervisor(sink=lambda name, line: said.append(line)).start()
    assert str(refused.value) == (
        f"Port {port} is in use; {purpose} needs it. Free it, or set {variable} to another."
    )
    assert said == []
    assert not (tmp_path / "embedded.json").exists()


def test_it_takes_no_offence_at_a_port_used_a_moment_ago(settings):
    """A closed server's connections wait in TIME_WAIT; the next server may bind all the same."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
        client = socket.create_connection(place)
        server.accept()[0].close()
        client.close()
    settings.PORT = place[1]
    for process in plan(["web"]).processes:
        if process.place:
            process.place.require_free()


def test_it_refuses_a_second_one_on_the_same_directory(tmp_path):
    first, second = DirectoryLock(tmp_path), DirectoryLock(tmp_path)
    first.acquire()
    with pytest.raises(AlreadyUp, match="Another `up` runs on"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_it_waits_for_what_an_earlier_run_left(tmp_path):
    first, second = DirectoryLock(tmp_path), DirectoryLock(tmp_path)
    first.acquire()
    left = subprocess.Popen(["sleep", "0.4"], pass_fds=[first.to_inherit])
    first.release()
    second.acquire()
    assert left.wait(1) == 0
    second.release()


def test_it_gives_up_on_leftovers_that_do_not_end(tmp_path, monkeypatch):
    monkeypatch.setattr("restaurant.supervisor.lock.LEFTOVERS_SECONDS", 0.2)
    with (tmp_path / "up.children.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        lock = DirectoryLock(tmp_path)
        with pytest.raises(UpError, match=r"an earlier run on .* do not end"):
            lock.acquire()
    lock.acquire()
    lock.release()


def test_it_hears_what_a_process_says(child):
    _, lines = child("sh", "-c", "echo out; echo err >&2; printf 'caf\\303\\251 \\377'")
    wait_until(lambda: len(lines) == 3)
    assert lines == ["out", "err", "café �"]


def test_it_kills_what_a_dead_leader_left(child):
    """The leader's descendants may hold its port."""
    port = free_port()
    serve = f"import socket,time; s=socket.create_server(('127.0.0.1',{port})); time.sleep(60)"
    it, _ = child("sh", "-c", f'{sys.executable} -c "{serve}" & wait')
    wait_until(lambda: answers(port))
    group = it.pid
    assert group
    os.kill(group, signal.SIGKILL)
    assert wait_until(it.reap) == "killed by SIGKILL"
    wait_until(lambda: not members(group))
    assert not answers(port)


def test_it_stops_a_process_that_does_not_obey(child):
    it, _ = child("sh", "-c", STUBBORN)
    group = it.pid
    assert group
    wait_until(lambda: any("sleep 1" in line for line in members(group)))
    began = time.monotonic()
    stop_all([it], seconds=0.3)
    assert time.monotonic() - began < 2
    wait_until(lambda: not members(group))


def test_it_waits_longer_before_each_restart(child, ties):
    it, _ = child("false")
    waits = []
    for _ in range(6):
        wait_until(it.reap)
        waits.append(it.back_off())
        assert not it.is_due
        it.start(**ties)
    assert waits[0] <= 0.2
    assert waits[-1] > 2
    assert waits == sorted(waits)


def test_it_says_how_a_process_ended():
    assert how_it_ended(3) == "exit code 3"
    assert how_it_ended(-9) == "killed by SIGKILL"
    assert how_it_ended(-200) == "killed by signal 200"


def test_it_names_what_does_not_become_ready(settings, monkeypatch):
    never = Process("sloth", ["sleep", "60"], is_ready=lambda: False)
    quick = Process("hare", ["sleep", "60"])
    made = plan(["beat"])
    settings.EMBEDDED_PARTS = []
    monkeypatch.setattr(
        "restaurant.supervisor.processes.plan",
        lambda _only: type(made)([never, quick], made.environment, made.base_url),
    )
    said: list[str] = []
    supervisor = Supervisor(sink=lambda name, line: said.append(line))
    supervisor.start(migrations=False)
    try:
        with pytest.raises(NotReady, match=r"^Not ready after 0 s: sloth\.$"):
            supervisor.wait_ready(0.3)
        assert [line.partition(" started")[0] for line in said] == ["sloth", "hare"]
    finally:
        supervisor.stop()
    supervisor.stop()
