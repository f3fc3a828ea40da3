"""`manage.py up` as an operator sees it: its lines, its processes, its exit."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers.wait import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
# What the tests' own settings put into the environment, and a bare machine does not have.
NOT_INHERITED = (
    *("REDIS_URL", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_IS_EMBEDDED"),
    *("AUTH_DATABASE_URL", "ORDERS_DATABASE_URL", "KITCHEN_DATABASE_URL", "DELIVERY_DATABASE_URL"),
)


def bare_environment() -> dict[str, str]:
    """Give this process's environment as a machine has it where nothing is configured."""
    return {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}


class Up:
    """One run of `manage.py up`, on ports of its own."""

    def __init__(
        self, var_dir: Path, *arguments: str, env: Mapping[str, str] | None = None
    ) -> None:
        self.var_dir = var_dir
        self.lines: list[str] = []
        ports = {"PORT": "0", "LIVE_PORT": "0", "AUTH_GRPC_ADDRESS": "127.0.0.1:0"}
        ours = {"VAR_DIR": str(var_dir), **ports}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", *arguments],
            cwd=ROOT,
            env={**bare_environment(), **ours, "WEB_WORKERS": "1", **(env or {})},
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
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, *, seconds: float = 60.0, since: int = 0) -> re.Match[str]:
        """Wait for a line in which the pattern is found, after the first `since` lines."""

        def found() -> re.Match[str] | None:
            over = not self._reader.is_alive()
            matches = (re.search(pattern, line) for line in list(self.lines[since:]))
            match = next((match for match in matches if match), None)
            assert match or not over, "it has ended"
            return match

        try:
            match = wait_until(found, seconds=seconds)
        except AssertionError:
            raise AssertionError(f"{pattern!r} was not said:\n{self.output}") from None
        assert match
        return match

    def wait_ready(self) -> None:
        self.wait_for(r"^Ready after")

    @property
    def url(self) -> str:
        return self.wait_for(r"API +(http://[\d.:]+)")[1]

    def status(self, path: str) -> int:
        """Give the HTTP status of a GET; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=2) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return int(error.code)
        except OSError:
            return 0

    def started(self) -> dict[str, int]:
        """Give the process id of each child's last start; each leads a group of that number."""
        starts = (re.search(r"(\w+) started, process (\d+)$", line) for line in list(self.lines))
        return {match[1]: int(match[2]) for match in starts if match}

    def is_running(self, name: str) -> bool:
        id_ = self.started().get(name)
        return id_ is not None and bool(members(id_))

    def groups(self) -> set[int]:
        """Give the process group of every child ever started."""
        return {
            int(id_) for id_ in re.findall(r"started, process (\d+)$", self.output, re.MULTILINE)
        }

    def left(self) -> list[str]:
        """List what still runs of all that was ever started."""
        return [line for group in self.groups() for line in members(group)]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self, seconds: float = 60.0) -> int:
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def clear(self) -> None:
        """Leave nothing behind, whatever the test found."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for group in self.groups():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


@contextlib.contextmanager
def running_up(
    var_dir: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[Up]:
    up = Up(var_dir, *arguments, env=env)
    try:
        yield up
    finally:
        up.clear()


def members(group: int) -> list[str]:
    """List the processes of a group that still run; a zombie only waits to be forgotten."""
    table = subprocess.run(
        ["ps", "-A", "-o", "pgid=,pid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in table.splitlines()]
    return [" ".join(row) for row in rows if int(row[0]) == group and row[2][0] != "Z"]
