from collections.abc import Iterator

import pytest

from tests.orders.conftest import menu, menu_file, placed_here
from tests.servers.valkey import Valkey

__all__ = ["counting", "menu", "menu_file", "placed_here"]


@pytest.fixture
def counting(valkey: Valkey) -> Iterator[Valkey]:
    """Redis that counts requests, from nothing."""
    from restaurant.limits.limiter import limiter

    limiter.forget()
    yield valkey
    limiter.forget()
