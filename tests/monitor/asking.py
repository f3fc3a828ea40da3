"""Processes with a monitor port, and what they answer."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.flow.running_up import bare_environment
from tests.servers.ports import free_port
from tests.servers.process import ROOT
from tests.servers.wait import wait_until


def ask(port: int, path: str, *, host: str = "", seconds: float = 5.0) -> tuple[int, str]:
    """Give the status and the body of a GET; 0 when nobody answers."""
    headers = {"Host": host} if host else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - our own
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return int(error.code), error.read().decode()
    except OSError:
        return 0, ""


class Monitored:
    """A process of ours with a monitor port of its own."""

    def __init__(self, log: Path, *command: str, env: Mapping[str, str]) -> None:
        self.port = free_port()
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**bare_environment(), **env, "MONITOR_LISTEN": f"127.0.0.1:{self.port}"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def status(self, path: str) -> int:
        return ask(self.port, path)[0]

    def json(self, path: str) -> Any:
        return json.loads(ask(self.port, path)[1])

    def wait_ready(self, status: int = 200) -> None:
        """Wait until `/readyz` answers by this status, the process running."""

        def answers() -> bool:
            assert self.process.poll() is None, self.log[-4000:]
            return self.status("/readyz") == status

        wait_until(answers, seconds=40, every=0.05)

    def tell_to_stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it with all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def monitored(log: Path, *command: str, env: Mapping[str, str]) -> Iterator[Monitored]:
    """Run a command until the block ends."""
    found = Monitored(log, *command, env=env)
    try:
        yield found
    finally:
        found.kill()


def manage(env: Mapping[str, str], *command: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**bare_environment(), **env},
        stdout=subprocess.DEVNULL,
        check=True,
    )
