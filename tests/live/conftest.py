from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# The project's own modules read the settings, which the tests' configuration sets first.
if TYPE_CHECKING:
    from tests.conftest import Broker
    from tests.live.ground import LiveProcess


@pytest.fixture
def cold(broker: Broker, transactional_db: None, tmp_path: Path) -> Iterator[LiveProcess]:
    """A live process that is not started yet, with topics to follow."""
    from tests.live import ground

    ground.make_topics()
    process = ground.LiveProcess(tmp_path / "live.log")
    yield process
    process.kill()


@pytest.fixture
def live(cold: LiveProcess) -> LiveProcess:
    """A live process, ready."""
    return cold.start()


@pytest.fixture
def session(transactional_db: None) -> str:
    """The session of somebody from the kitchen."""
    from auth_grpc.models import Role
    from tests.live import ground

    return ground.sign_in(ground.user(Role.KITCHEN))
