"""`make screenshots`: the pages that staff see, in both themes and on a telephone and a desk.

    python -m tests.screenshots                  all of them, into var/screenshots
    python -m tests.screenshots boards           the boards alone, on a wall's screen too
    python -m tests.screenshots pages DIRECTORY

Writes PNGs named page-theme-width, and renews those that the README shows, in docs/screenshots.
Exits 1 when a page told an error to its console.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.screenshots.drawing import ROOT

README = ROOT / "docs" / "screenshots"
# Each needs a restaurant of its own: the boards' evening stands still, the pages' day has passed.
PARTS = ("boards", "pages")


def main() -> int:
    options = _options()
    options.directory.mkdir(parents=True, exist_ok=True)
    if options.part:
        _draw(options.part, options.directory)
        return 0
    # A process each, since settings are read once.
    ended = [
        subprocess.run([sys.executable, "-m", __package__, part, str(options.directory)])
        for part in PARTS
    ]
    for shown in README.glob("*.png"):
        shutil.copy(options.directory / shown.name, shown)
    return max(child.returncode for child in ended)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS)
    default = ROOT / "var" / "screenshots"
    parser.add_argument("directory", nargs="?", type=Path, default=default)
    return parser.parse_args()


def _draw(part: str, target: Path) -> None:
    directory = tempfile.mkdtemp(prefix="restaurant-screenshots-")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="restaurant.settings",
        VAR_DIR=directory,
        PORT="0",
        LIVE_PORT="0",
        AUTH_GRPC_ADDRESS="127.0.0.1:0",
    )
    import django

    django.setup()
    try:
        import_module(f"{__package__}.{part}").draw(target, Path(directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
