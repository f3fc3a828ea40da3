"""Which version of the code runs: the project's, and the commit of the checkout or the image."""

import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Written where an image is built, which has no checkout.
REVISION = "revision"
SHORT = 7


@cache
def version() -> str:
    """Give it as "1.2.0+256e906", read once: what a process runs does not change under it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    commit = (_commit(ROOT / ".git") or _revision(ROOT / REVISION))[:SHORT]
    return f"{project}+{commit}" if commit else str(project)


def _commit(git: Path) -> str:
    # Read, not asked of git: a process with threads and sockets is spared a fork.
    try:
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        if (git / name).is_file():
            return (git / name).read_text().strip()
        packed = (line.split(" ", 1) for line in (git / "packed-refs").read_text().splitlines())
        return next((found[0] for found in packed if found[-1] == name), "")
    except OSError:
        return ""


def _revision(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
