"""`manage.py demo`, from its start to its exit code, with every process real."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

import pytest

from tests.flow.running_up import NOT_INHERITED, ROOT, members, running_up
from tests.servers.wait import wait_until

pytestmark = pytest.mark.slow
QUICK = ("--speed", "1000", "--exit", "--json")


def environment(var_dir: Path, env: Mapping[str, str] | None = None) -> dict[str, str]:
    bare = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    ours = {"VAR_DIR": str(var_dir), "PORT": "0", "AUTH_GRPC_ADDRESS": "127.0.0.1:0"}
    return {**bare, **ours, "WEB_WORKERS": "1", **(env or {})}


def demo(*arguments: str, env: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(*arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a demo to its end; gives its exit code and all that it said."""
    process = demo(*arguments, env=env)
    try:
        output, _ = process.communicate(timeout=150)
    finally:
        process.kill()
    return process.returncode, output


def summary_of(output: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def left(var_dir: Path) -> list[str]:
    """List the processes that a demo started and left behind."""
    log = (var_dir / "log" / "up.log").read_text()
    groups = re.findall(r"started, process (\d+)$", log, re.MULTILINE)
    assert groups
    return [line for group in groups for line in members(int(group))]


def ended(summary: Mapping[str, Any]) -> int:
    kinds = ("delivered", "cancelled", "rejected", "failed")
    return sum(int(summary[kind]) for kind in kinds)


def test_it_ends_every_order_and_a_second_day_goes_on(process_env, tmp_path):
    env = {**environment(tmp_path), **process_env, "PORT": "0", "AUTH_GRPC_ADDRESS": "127.0.0.1:0"}
    for orders in (60, 20):
        code, output = run("--orders", str(orders), *QUICK, env=env)
        assert code == 0, output
        summary = summary_of(output)
        assert summary["placed"] == ended(summary) == orders
        assert summary["audit"] == "clean"
        assert 0 < summary["p50_seconds"] <= summary["p99_seconds"] < summary["seconds"]
        # Each order is at least created, accepted, cooking, cooked, or cancelled on its way.
        assert summary["events"] > orders
        assert left(tmp_path) == []
    assert "Traceback" not in output


@pytest.mark.once
def test_it_sums_up_at_ctrl_c_and_finishes_the_orders_another_day(tmp_path):
    env = environment(tmp_path)
    process = demo("--speed", "1", "--rate", "20", "--json", env=env)
    said = cast("IO[str]", process.stdout)
    try:
        wait_until(lambda: re.search(r"accepted \d", said.readline()), seconds=100)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert time.monotonic() - began < 15
    assert process.returncode == 0, output
    first = summary_of(output)
    assert first["placed"] > 0
    assert first["unfinished"]
    assert left(tmp_path) == []

    code, output = run("--orders", "5", *QUICK, env=env)
    assert code == 0, output
    assert summary_of(output)["placed"] == 5


@pytest.mark.once
def test_it_names_a_port_in_use_and_starts_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output = run("--exit", env=environment(tmp_path, {"PORT": str(port)}))
    assert code == 2
    (line,) = output.splitlines()
    assert f"Port {port} is in use" in line
    assert not list(tmp_path.glob("*.sqlite3"))


@pytest.mark.once
def test_it_orders_at_a_system_that_runs_and_starts_nothing(tmp_path):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    first = environment(here)
    code, output = run("--orders", "1", *QUICK, env=first)
    assert code == 0, output
    with running_up(here, "--speed", "1000") as up:
        up.wait_ready()
        arguments = ("--orders", "10", "--against", up.url, *QUICK)

        code, output = run(*arguments, env=first)
        assert code == 0, output
        assert summary_of(output)["audit"] == "clean"
        assert summary_of(output)["delivered"] > 0

        code, output = run(*arguments, env=environment(elsewhere))
        assert code == 3, output
        assert summary_of(output)["audit"].startswith("not run")
        assert ended(summary_of(output)) == 10
        assert not (elsewhere / "log").exists()
        assert up.status("/readyz") == 200
