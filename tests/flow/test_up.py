"""`manage.py up`: starts everything, says where, and stops everything."""

import json
import signal
import socket
import time
from pathlib import Path

import pytest

from restaurant.supervisor import SERVICES
from tests.flow.running_up import running_up
from tests.servers.ports import answers, free_port

pytestmark = pytest.mark.slow


@pytest.mark.once
def test_it_starts_everything_and_ctrl_c_stops_it(tmp_path):
    with running_up(tmp_path) as up:
        up.wait_ready()
        assert set(up.started()) == {"broker", "valkey", *SERVICES}
        assert up.status("/readyz") == 200
        assert up.status("/livez") == 200
        found = json.loads((tmp_path / "embedded.json").read_text())
        assert set(found) == {"REDIS_URL", "KAFKA_BOOTSTRAP_SERVERS"}

        with running_up(tmp_path) as refused:
            assert refused.wait() == 2
        assert "Another `up` runs" in refused.output
        assert not refused.started()
        assert up.status("/readyz") == 200

        began = time.monotonic()
        assert up.stop(signal.SIGINT) == 0
        assert time.monotonic() - began < 30
        assert up.left() == []
        assert not (tmp_path / "embedded.json").exists()
        assert "Traceback" not in up.output


@pytest.mark.once
def test_it_starts_what_it_is_told_alone(tmp_path):
    with running_up(tmp_path, "--only", "kitchen,delivery") as up:
        up.wait_ready()
        assert set(up.started()) == {"broker", "valkey", "kitchen", "delivery"}
        up.wait_for("kitchen .*worker_started")
        up.wait_for("delivery .*worker_started")
        assert up.stop() == 0
        assert up.left() == []


@pytest.mark.once
def test_it_refuses_in_one_line_with_exit_code_2(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running_up(tmp_path, env={"PORT": str(port)}) as up:
            assert up.wait() == 2
    (line,) = [line for line in up.lines if line]
    assert f"Port {port} is in use" in line
    assert "set PORT" in line
    assert not list(tmp_path.glob("*.sqlite3"))


def test_it_uses_the_servers_that_are_configured(process_env):
    var_dir = Path(process_env["VAR_DIR"])
    ports = {"PORT": str(free_port()), "AUTH_GRPC_ADDRESS": f"127.0.0.1:{free_port()}"}
    with running_up(var_dir, env={**process_env, **ports}) as up:
        up.wait_ready()
        assert set(up.started()) == set(SERVICES)
        assert up.status("/readyz") == 200
        up.wait_for("orders .*worker_started")
        assert answers(int(ports["AUTH_GRPC_ADDRESS"].rpartition(":")[2]))
        assert up.stop() == 0
        assert up.left() == []
    assert not answers(int(ports["PORT"]))


@pytest.mark.once
def test_it_stops_while_it_is_starting(tmp_path):
    with running_up(tmp_path) as up:
        up.wait_for("web started")
        began = time.monotonic()
        assert up.stop() == 0
        assert time.monotonic() - began < 30
        assert up.left() == []
