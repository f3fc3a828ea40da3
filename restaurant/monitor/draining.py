"""Whether this process is about to end.

It says at once that it is not ready, and goes on for `DRAIN_SECONDS`: in that time proxies take
note and send their requests elsewhere.
"""

import os
from pathlib import Path

# Named by `prometheus_client`, whose counts are kept there: where web's first process meets its
# workers. No other process has it.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_is_draining = False


def share(directory: str) -> None:
    """Speak for the workers too that are started from now on."""
    os.environ[SHARED] = directory


def begin() -> None:
    """Say so from now on. Safe in a signal handler."""
    global _is_draining
    _is_draining = True
    if SHARED in os.environ:
        _flag().touch()


def is_draining() -> bool:
    return _is_draining or (SHARED in os.environ and _flag().exists())


def _flag() -> Path:
    return Path(os.environ[SHARED], "draining")
