"""`manage.py demo`, from its start to its exit code, with every process real."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.flow.running_up import NOT_INHERITED, ROOT, members
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
QUICK = ("--speed", "1000", "--exit", "--json")


class Demo:
    """One run of `manage.py demo`, on ports of its own."""

    def __init__(self, *arguments: str, env: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", *arguments],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(line.rstrip() for line in self.process.stdout)

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.lines[-1])
        return found

    def wait_for(self, pattern: str) -> re.Match[str]:
        def found() -> re.Match[str] | None:
            return re.search(pattern, self.output)

        match = wait_until(found, seconds=100)
        assert match
        return match

    def end(self, seconds: float = 180) -> int:
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code


@contextlib.contextmanager
def running(*arguments: str, env: Mapping[str, str]) -> Iterator[Demo]:
    demo = Demo(*arguments, env=env)
    try:
        yield demo
    finally:
        # What it started ends with it, be it killed.
        demo.process.kill()


def run(*arguments: str, env: Mapping[str, str]) -> tuple[int, Demo]:
    """Run a demo to its end; gives its exit code too."""
    with running(*arguments, env=env) as demo:
        return demo.end(), demo


def environment(var_dir: Path, env: Mapping[str, str] | None = None) -> dict[str, str]:
    bare = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    ports = {"PORT": "0", "LIVE_PORT": "0", "AUTH_GRPC_ADDRESS": "127.0.0.1:0"}
    ours = {"VAR_DIR": str(var_dir), **ports}
    return {**bare, "WEB_WORKERS": "1", **(env or {}), **ours}


def left(var_dir: Path) -> list[str]:
    """List the processes that a demo started and left behind."""
    log = (var_dir / "log" / "up.log").read_text()
    groups = re.findall(r"started, process (\d+)$", log, re.MULTILINE)
    assert groups
    return [line for group in groups for line in members(int(group))]


def ended(summary: Mapping[str, Any]) -> int:
    kinds = ("delivered", "cancelled", "rejected", "failed")
    return sum(int(summary[kind]) for kind in kinds)


def test_it_sums_up_at_ctrl_c_and_goes_on_another_day(process_env, tmp_path):
    env = environment(tmp_path, process_env)
    with running("--rate", "10", "--json", env=env) as demo:
        demo.wait_for(r"cooking \d")
        began = time.monotonic()
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == 0, demo.output
        assert time.monotonic() - began < 30
    assert demo.summary["placed"] > 0
    assert demo.summary["unfinished"]
    assert demo.summary["audit"] == "clean"
    assert left(tmp_path) == []

    code, second = run("--orders", "30", *QUICK, env=env)
    assert code == 0, second.output
    summary = second.summary
    assert summary["placed"] == ended(summary) == 30
    assert summary["unfinished"] == []
    assert summary["audit"] == "clean"
    assert 0 < summary["p50_seconds"] <= summary["p99_seconds"] < summary["seconds"]
    # Each order is at least created, accepted, cooking, cooked, or cancelled on its way.
    assert summary["events"] > 30
    assert left(tmp_path) == []
    assert "Traceback" not in second.output


@pytest.mark.once
def test_it_orders_at_a_system_that_runs_and_starts_nothing(tmp_path):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    with running("--speed", "1000", "--rate", "1", env=environment(here)) as demo:
        url = demo.wait_for(r"API +(http://[\d.:]+)/")[1]
        demo.wait_for(r"delivered \d")
        arguments = ("--orders", "10", "--against", url, *QUICK)

        code, same_books = run(*arguments, env=environment(here))
        assert code == 0, same_books.output
        assert same_books.summary["audit"] == "clean"
        assert same_books.summary["delivered"] > 0

        code, no_books = run(*arguments, env=environment(elsewhere))
        assert code == 3, no_books.output
        assert no_books.summary["audit"].startswith("not run")
        assert no_books.summary["events"] is None
        assert ended(no_books.summary) == no_books.summary["placed"] == 10
        assert not (elsewhere / "log").exists()

        demo.process.send_signal(signal.SIGTERM)
        assert demo.end() == 0, demo.output
    assert left(here) == []


@pytest.mark.once
def test_it_names_a_port_in_use_and_starts_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, demo = run("--exit", env={**environment(tmp_path), "PORT": str(port)})
    assert code == 2
    (line,) = demo.lines
    assert f"Port {port} is in use" in line
    assert not list(tmp_path.glob("*.sqlite3"))
