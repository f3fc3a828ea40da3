"""One process that the supervisor keeps running."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from django.conf import settings

from restaurant import lifeline
from restaurant.messaging.retry import Backoff
from restaurant.supervisor.processes import Process

# A process that ran this long was well: its next death is met with a quick restart.
WELL_AFTER_SECONDS = 10.0


class Child:
    """A process with its group, started again and again under the same name."""

    def __init__(self, process: Process, *, heard: Callable[[str, str], None]) -> None:
        """Prepare; `heard` is given this child's name and each line it says, from a thread."""
        self.process = process
        self.name = process.name
        self._heard = heard
        self._popen: subprocess.Popen[str] | None = None
        self._backoff = Backoff(first=0.2, most=10.0)
        self._started_at = 0.0
        self._not_before = 0.0

    @property
    def is_running(self) -> bool:
        return self._popen is not None

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def is_due(self) -> bool:
        """Tell whether it is down and has waited long enough."""
        return self._popen is None and time.monotonic() >= self._not_before

    def is_ready(self) -> bool:
        return self.is_running and (self.process.is_ready is None or self.process.is_ready())

    def start(self, *, environment: Mapping[str, str], pipe: int, inherits: int) -> None:
        """Start it, with its life tied to `pipe`'s other end; it holds `inherits` open."""
        self._started_at = time.monotonic()
        self._popen = subprocess.Popen(  # noqa: S603 - our own commands
            # Isolated and without site-packages: the lifeline is a millisecond's work.
            [sys.executable, "-I", "-S", str(Path(lifeline.__file__)), *self.process.command],
            cwd=settings.BASE_DIR,
            env={**environment, **self.process.environment},
            stdin=pipe,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=[inherits],
        )
        threading.Thread(target=self._listen, args=[self._popen], daemon=True).start()

    def _listen(self, popen: "subprocess.Popen[str]") -> None:
        assert popen.stdout  # noqa: S101 - it was asked for
        for line in popen.stdout:
            self._heard(self.name, line.rstrip())

    def reap(self) -> str | None:
        """When it has ended by itself, clear what is left of it; gives how it ended."""
        if self._popen is None or (code := self._popen.poll()) is None:
            return None
        self._clear()
        if time.monotonic() - self._started_at >= WELL_AFTER_SECONDS:
            self._backoff.succeeded()
        return how_it_ended(code)

    def back_off(self) -> float:
        """Keep it down for a while; gives the seconds."""
        seconds = self._backoff.failed()
        self._not_before = time.monotonic() + seconds
        return seconds

    def ask_to_stop(self) -> None:
        if self._popen:
            self._popen.terminate()

    def has_stopped(self) -> bool:
        return self._popen is None or self._popen.poll() is not None

    def kill(self) -> None:
        """End it and its descendants at once."""
        if self._popen:
            self._popen.kill()
            self._popen.wait()
            self._clear()

    def _clear(self) -> None:
        """End what a dead leader left in its group, so that none of it keeps a port."""
        assert self._popen  # noqa: S101
        kill_group(self._popen.pid)
        self._popen = None


def stop_all(children: Iterable[Child], *, seconds: float) -> None:
    """Ask them to stop, all at once, and kill those that have not after so long."""
    asked = list(children)
    for child in asked:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not all(child.has_stopped() for child in asked):
        time.sleep(0.02)
    for child in asked:
        child.kill()


def kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # macOS answers "not permitted" for a group of which only zombies are left.
        return


def how_it_ended(code: int) -> str:
    """Say an exit code, or the signal that killed it, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
