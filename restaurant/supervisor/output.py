"""Where the processes' log lines go."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

# Takes a process's name and one line of what it said; called from several threads.
Sink = Callable[[str, str], None]

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
WIDTH = 8


def to_terminal(stream: IO[str] | None = None) -> Sink:
    """Write each line with its process's name before it, coloured when a person is looking."""
    out = stream or sys.stdout
    coloured = out.isatty()
    colours: dict[str, int] = {}
    lock = threading.Lock()

    def write(name: str, line: str) -> None:
        with lock:
            colour = colours.setdefault(name, COLOURS[len(colours) % len(COLOURS)])
            prefix = f"{name:<{WIDTH}} |"
            try:
                out.write(
                    f"\033[{colour}m{prefix}\033[0m {line}\n" if coloured else f"{prefix} {line}\n"
                )
                out.flush()
            except (OSError, ValueError):
                # Nobody reads any more; a process must not stop for that.
                return

    return write


def to_files(directory: Path) -> Sink:
    """Write each process's lines to `<directory>/<name>.log`, made anew."""
    directory.mkdir(parents=True, exist_ok=True)
    files: dict[str, IO[str]] = {}
    lock = threading.Lock()

    def write(name: str, line: str) -> None:
        with lock:
            if name not in files:
                files[name] = (directory / f"{name}.log").open("w", buffering=1)
            files[name].write(line + "\n")

    return write
