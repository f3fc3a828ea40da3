"""The times that the board's tests count on."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _times(settings: Any) -> None:
    settings.DELIVERY_TRAVEL_SECONDS = 900
    settings.SIMULATION_SPEED = 1
