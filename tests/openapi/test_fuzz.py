"""The house keeps to its schema whatever it is asked, by a customer, by staff and by nobody."""

import pytest

from tests.openapi.fuzz import WHO, fuzz
from tests.openapi.people import Town

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.timeout(400)]
# The same requests each time; `make fuzz` makes up others.
SEED = 20261128


@pytest.fixture(scope="module")
def busy(town: Town) -> Town:
    """With tickets and deliveries, made before somebody closes a station."""
    town.make_work()
    return town


@pytest.mark.parametrize("who", WHO)
def test_it_answers_as_the_schema_says(busy: Town, who: str) -> None:
    done = fuzz(busy, who, seed=SEED, examples=3)
    assert done.returncode == 0, done.stdout + done.stderr
