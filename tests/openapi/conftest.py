"""A running house, with somebody of each kind to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

# The project's own modules read the settings, which the tests' configuration sets first.
if TYPE_CHECKING:
    from tests.openapi.people import Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    from tests.openapi.people import open_town

    with open_town(tmp_path_factory.mktemp("house")) as found:
        yield found
