"""One house for the tests of a module: embedded, or real in the run on PostgreSQL and Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

# The project's own modules read the settings, which the tests' configuration sets first.
if TYPE_CHECKING:
    from tests.flow.house import Guest, House
    from tests.flow.premises import Premises

# Ten minutes' cooking takes two seconds, a trip of a quarter of an hour three.
SPEED = "300"


@pytest.fixture(scope="module")
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Premises]:
    """Every process running, and the servers under them."""
    from tests.flow import premises

    open_premises = premises.opener(request.config)
    with open_premises(tmp_path_factory.mktemp("house"), "--speed", SPEED) as found:
        yield found


@pytest.fixture
def house(whole: Premises) -> House:
    return whole.house


@pytest.fixture
def guest(house: House) -> Guest:
    return house.guest()
