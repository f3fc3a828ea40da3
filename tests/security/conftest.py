from pathlib import Path

import pytest

from tests.orders.conftest import menu, menu_file, placed_here
from tests.servers.certificates import Authority

__all__ = ["authority", "menu", "menu_file", "placed_here", "stranger"]


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that servers and clients of these tests know."""
    return Authority(_reachable(tmp_path_factory.mktemp("authority")))


@pytest.fixture(scope="package")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another one, which they do not."""
    return Authority(_reachable(tmp_path_factory.mktemp("stranger")), "stranger")


def _reachable(folder: Path) -> Path:
    return folder
