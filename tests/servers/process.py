"""A server as a child process that ends with this one, however this one ends."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
GUARD = Path(__file__).with_name("guard.py")


class Child:
    """A command that stops when its standard input ends: by `stop`, or by this process's death.

    It leads a process group of its own, so that it is killed with all that it started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        stdout: int | None = None,
    ) -> None:
        self.log = log
        self._killed = False
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output if stdout is None else stdout,
                stderr=output,
                cwd=ROOT,
                env=env and {**os.environ, **env},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def running(self) -> bool:
        """Tell whether it runs; raises `AssertionError` with its output when it failed."""
        code = self._process.poll()
        assert code in (None, 0) or self._killed, f"{code}:\n{self.log.read_text()[-4000:]}"
        return code is None

    def stop(self, seconds: float = 15.0) -> None:
        """Let it end in order; kill it when it does not within so many seconds."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """Kill it and all that it started, as `kill -9` does."""
        self._killed = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


class Guarded(Child):
    """A server that knows nothing of standard input, under `guard.py`.

    When it is stopped, `remove` is removed with it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        stop_signal: str = "TERM",
        user: str | None = None,
        remove: Path | None = None,
    ) -> None:
        guard = [sys.executable, str(GUARD), "--signal", stop_signal]
        guard += ["--user", user] if user else []
        guard += ["--remove", str(remove)] if remove else []
        super().__init__([*guard, "--", *command], log=log)

    def kill(self) -> None:
        self._killed = True
        self._process.send_signal(signal.SIGUSR1)
        self._process.wait()
