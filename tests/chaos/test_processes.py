"""kill -9 of each process that `up` started, and of `up` itself."""

import json
import os
import signal

import pytest

from restaurant.supervisor import SERVICES
from tests.flow.running_up import Up, members, running_up
from tests.servers.ports import answers
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    with running_up(tmp_path_factory.mktemp("var")) as running:
        running.wait_ready()
        yield running
        assert running.stop() == 0
        assert running.left() == []


def kill(up: Up, name: str) -> int:
    """Kill a process with -9, and wait until it has been named and started again."""
    before, said = up.started()[name], len(up.lines)
    os.kill(before, signal.SIGKILL)
    up.wait_for(rf"{name} ended \(killed by SIGKILL\)", since=said)
    up.wait_for(rf"{name} started, process", since=said)
    assert up.started()[name] != before
    assert members(before) == []
    return said


@pytest.mark.parametrize("name", SERVICES)
def test_it_names_and_restarts_a_process_that_died(up, name):
    others = {n: id_ for n, id_ in up.started().items() if n != name}
    kill(up, name)
    assert {n: id_ for n, id_ in up.started().items() if n != name} == others
    if name == "web":
        wait_until(lambda: up.status("/readyz") == 200, seconds=30)


def test_it_starts_the_clients_of_a_broker_anew_where_it_moved(up):
    var_dir = up.var_dir
    before = json.loads((var_dir / "embedded.json").read_text())
    clients = ("orders", "kitchen", "delivery")
    old = up.started()
    said = kill(up, "broker")
    for name in clients:
        up.wait_for(rf"{name} started, process", since=said)
        up.wait_for(rf"{name} .*worker_started", since=said)
        assert members(old[name]) == []
    up.wait_for(r"live .*live_caught_up", since=said)
    assert members(old["live"]) == []
    after = json.loads((var_dir / "embedded.json").read_text())
    assert after["KAFKA_BOOTSTRAP_SERVERS"] != before["KAFKA_BOOTSTRAP_SERVERS"]
    assert after["REDIS_URL"] == before["REDIS_URL"]
    assert up.started()["web"] == old["web"]


def test_it_brings_valkey_back_where_it_was(up):
    url = json.loads((up.var_dir / "embedded.json").read_text())["REDIS_URL"]
    kill(up, "valkey")
    wait_until(lambda: answers(int(url.rpartition(":")[2])))
    assert up.status("/readyz") == 200


def test_it_takes_its_processes_along_when_it_is_killed(tmp_path):
    with running_up(tmp_path) as up:
        up.wait_ready()
        assert up.left()
        up.process.kill()
        up.wait()
        wait_until(lambda: not up.left(), seconds=5)
        assert (tmp_path / "embedded.json").exists()
    with running_up(tmp_path) as again:
        again.wait_ready()
        assert again.status("/readyz") == 200
        assert "migrations applied" not in again.output
        assert again.stop() == 0
        assert again.left() == []
