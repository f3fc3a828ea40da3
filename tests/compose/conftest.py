"""One stack for all tests of this directory, and the figures that they take.

Run by `make test-compose`, which needs a Docker engine; `make test` leaves it out.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.figures import Figures
from tests.compose.stack import ROOT, Stack, image_size, standing

figures_key = pytest.StashKey[Figures]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[figures_key] = Figures()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # The first one waits for the images, and for the whole stack.
        item.add_marker(pytest.mark.timeout(900))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in config.stash[figures_key].lines():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    """What was measured; printed at the end."""
    return pytestconfig.stash[figures_key]


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("secrets")
    subprocess.run([ROOT / "docker" / "secrets.sh", directory], check=True)
    return directory


@pytest.fixture(scope="session")
def stack(secrets: Path, figures: Figures) -> Iterator[Stack]:
    """Every container well, and one order delivered, which also laid in a menu."""
    with standing(secrets) as (found, seconds):
        figures.seconds["up --wait, from nothing"] = seconds
        figures.at_rest = found.memory()
        began = time.monotonic()
        found.tool("manage.py", "demo", "--against", "http://proxy:8080", "--orders", "1", "--exit")
        figures.seconds["and to a delivered order"] = seconds + time.monotonic() - began
        figures.bytes = {name: image_size(name) for name in ("restaurant", "restaurant-proxy")}
        yield found
