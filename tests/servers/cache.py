"""What tests download once and keep, beside other programs' caches; `make clean` removes it."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "restaurant-tests"


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Give the directory of this name. The first who asks has it made, at the path `make` gets.

    One process at a time makes anything; what fails half-way leaves nothing behind.
    """
    directory = CACHE / name
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as partial:
                made = Path(partial, "made")
                make(made)
                made.rename(directory)
    return directory
