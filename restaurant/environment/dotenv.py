"""The file `.env`."""

from pathlib import Path

import environ


class _Reader(environ.Env):  # type: ignore[misc]  # it has no types
    # Its own, so that the process's environment, which children inherit, stays as it was given.
    ENVIRON: dict[str, str] = {}


def read(path: Path) -> dict[str, str]:
    """Give the variables of a file; none when there is no such file."""
    if not path.is_file():
        return {}
    _Reader.ENVIRON = {}
    _Reader.read_env(path)
    return _Reader.ENVIRON
