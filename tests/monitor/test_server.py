"""The monitor port, and the command that asks it."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from restaurant.monitor import draining
from restaurant.monitor.needs import Need, Needs
from restaurant.monitor.progress import Progress, stuck
from restaurant.monitor.server import Monitor, Views
from tests.monitor.asking import ask
from tests.servers.process import ROOT
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once


class Told:
    """What a monitor is to say."""

    why = ""
    needs: dict[str, str] = {"database:orders": "ok"}


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def port(told: Told) -> Iterator[int]:
    views = Views(lambda: told.why, lambda: told.needs, lambda: b"orders 1\n")
    monitor = Monitor("127.0.0.1:0", views).start()
    yield monitor.port
    monitor.stop()


def test_it_says_that_a_process_lives_and_why_not(port: int, told: Told) -> None:
    assert ask(port, "/livez") == (200, '{"status": "ok"}')
    told.why = "The loop has not come around."
    status, body = ask(port, "/livez")
    assert (status, json.loads(body)) == (503, {"status": "stuck", "reason": told.why})
    assert ask(port, "/readyz")[0] == 200


def test_it_says_what_is_away(port: int, told: Told) -> None:
    assert ask(port, "/readyz")[0] == 200
    told.needs = {"database:orders": "ok", "kafka": "unavailable"}
    status, body = ask(port, "/readyz")
    assert (status, json.loads(body)) == (503, {"status": "unavailable", "needs": told.needs})
    assert ask(port, "/livez")[0] == 200


def test_it_is_not_ready_from_when_it_drains(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_is_draining", False)
    draining.begin()
    assert json.loads(ask(port, "/readyz")[1])["status"] == "draining"
    assert ask(port, "/readyz")[0] == 503
    assert ask(port, "/livez")[0] == 200


def test_it_gives_metrics_and_nothing_else(port: int) -> None:
    assert ask(port, "/metrics") == (200, "orders 1\n")
    assert ask(port, "/metrics?name[]=orders") == (200, "orders 1\n")
    assert ask(port, "/")[0] == 404
    assert ask(port, "/admin/")[0] == 404


def test_it_refuses_a_port_that_is_taken(port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        Monitor(f"127.0.0.1:{port}", Views(str, dict, bytes))


def test_one_who_says_nothing_keeps_nobody_waiting(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)):
        assert ask(port, "/livez", seconds=2)[0] == 200


def probe(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "restaurant.monitor.probe", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)


def test_the_probe_says_whether_it_is_ready(port: int, told: Told) -> None:
    found = probe(str(port))
    assert (found.returncode, json.loads(found.stdout)["status"]) == (0, "ok")
    told.needs = {"kafka": "unavailable"}
    found = probe(f"127.0.0.1:{port}")
    assert (found.returncode, json.loads(found.stdout)["needs"]) == (1, told.needs)
    assert probe(str(port), "/livez").returncode == 0


@pytest.mark.parametrize("arguments", [(), ("x",), ("1", "/livez", "more")])
def test_the_probe_says_how_it_is_used(arguments: tuple[str, ...]) -> None:
    found = probe(*arguments)
    assert found.returncode == 2
    assert found.stderr.startswith("usage: ")


def test_the_probe_fails_where_nobody_answers() -> None:
    found = probe("1")
    assert found.returncode == 1
    assert "no answer" in found.stdout


def test_the_probe_is_quick_for_it_knows_no_django() -> None:
    looks = "import sys, restaurant.monitor.probe; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", looks], cwd=ROOT).returncode == 0


class Server:
    """Something needed, that is there, away, or says nothing at all."""

    def __init__(self) -> None:
        self.is_there = True
        self.answers = threading.Event()
        self.answers.set()
        self.times = 0

    def ask(self) -> None:
        self.times += 1
        self.answers.wait(30)
        if not self.is_there:
            raise ConnectionRefusedError


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("restaurant.monitor.needs.FRESH_SECONDS", 0.0)
    found = Server()
    yield found
    found.answers.set()


def test_it_looks_again_each_time(server: Server) -> None:
    needs = Needs([Need("kafka", server.ask)])
    assert needs.look() == {"kafka": "ok"}
    server.is_there = False
    assert needs.look() == {"kafka": "unavailable"}
    server.is_there = True
    assert needs.look() == {"kafka": "ok"}


def test_it_does_not_wait_for_who_says_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.monitor.needs.ANSWER_SECONDS", 0.2)
    server.answers.clear()
    needs = Needs([Need("kafka", server.ask)])
    for _ in range(3):
        began = time.monotonic()
        assert needs.look() == {"kafka": "unavailable"}
        assert time.monotonic() - began < 1.5
    # One question is open, not one for each who wanted to know.
    assert server.times == 1
    server.answers.set()
    wait_until(lambda: needs.look() == {"kafka": "ok"})


def test_an_answer_is_good_for_a_moment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restaurant.monitor.needs.FRESH_SECONDS", 60.0)
    needs = Needs([Need("kafka", server.ask)])
    assert [needs.look() for _ in range(5)] == [{"kafka": "ok"}] * 5
    assert server.times == 1


def is_stuck(why: Callable[[], str]) -> bool:
    return "has not come around" in why()


def test_a_loop_that_does_not_come_around_is_stuck(server: Server) -> None:
    progress = Progress()
    why = stuck(Needs([Need("kafka", server.ask)]), progress.since, seconds=0.3)
    assert not is_stuck(why)
    wait_until(lambda: is_stuck(why), seconds=3)
    progress.made()
    assert not is_stuck(why)


def test_a_loop_that_waits_for_what_is_away_is_not_stuck(server: Server) -> None:
    progress = Progress()
    why = stuck(Needs([Need("kafka", server.ask)]), progress.since, seconds=0.3)
    server.is_there = False
    until = time.monotonic() + 0.8
    while time.monotonic() < until:
        assert not is_stuck(why)
    # It gets its time from when all was there again.
    server.is_there = True
    assert not is_stuck(why)
    wait_until(lambda: is_stuck(why), seconds=3)
