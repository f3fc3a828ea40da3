"""One supervisor a directory, and none beside what an earlier one left."""

import fcntl
import os
import time
from pathlib import Path

from restaurant.supervisor.errors import AlreadyUp, UpError

# The processes of a killed supervisor need 3 s at most (`restaurant.lifeline`).
LEFTOVERS_SECONDS = 10.0


class DirectoryLock:
    """Two locks, both freed by the kernel when their last holder is gone.

    `up.lock` is the supervisor's alone: it tells a second one to stay away. `up.children.lock` is
    inherited by every process it starts: while a killed supervisor's processes are still ending,
    the next one waits for them.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._own = -1
        self._shared = -1

    @property
    def to_inherit(self) -> int:
        """The file descriptor that each child must be given."""
        return self._shared

    def acquire(self) -> None:
        """Take both. Raises `AlreadyUp`, or `UpError` when leftovers do not end."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._own = self._take("up.lock")
        if self._own < 0:
            raise AlreadyUp(
                f"Another `up` runs on {self._directory}. Stop it, or set VAR_DIR to another."
            )
        self._shared = self._take("up.children.lock", within=LEFTOVERS_SECONDS)
        if self._shared < 0:
            self.release()
            raise UpError(f"Processes of an earlier run on {self._directory} do not end.")

    def release(self) -> None:
        for descriptor in (self._own, self._shared):
            if descriptor >= 0:
                os.close(descriptor)
        self._own = self._shared = -1

    def _take(self, name: str, *, within: float = 0.0) -> int:
        """Give the locked file's descriptor, or -1 when others hold it for longer than that."""
        descriptor = os.open(self._directory / name, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + within
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            except OSError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return -1
                time.sleep(0.05)
