"""A whole restaurant to look at in a browser, and the staff's pages of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import QUIET, Pages
from tests.browser.fixtures import browser, errors, pages

# The project's own modules read the settings, which the tests' configuration sets first.
if TYPE_CHECKING:
    from tests.flow.house import Guest, House
    from tests.flow.premises import Premises

__all__ = ["browser", "errors", "pages"]
# At speed 1 and with nothing done by timers, tickets and deliveries stay until somebody moves them.
SPEED = "1"
FURNISH = """
from delivery.models import Courier
from kitchen.models import Station
from restaurant.demo import house
house.furnish()
Station.objects.update(mode="manual")
Courier.objects.update(mode="manual")
"""


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest) -> Iterator[Premises]:
    """Every process running, one restaurant for a module; `whole.restart("live")` kills one.

    Modules that say `SHARES_A_HOUSE = True` have one together: they look at their own orders alone,
    and leave stations, couriers and menu as they found them.
    """
    if getattr(request.module, "SHARES_A_HOUSE", False):
        yield request.getfixturevalue("shared")
    else:
        yield from _open(request)


@pytest.fixture(scope="package")
def shared(request: pytest.FixtureRequest) -> Iterator[Premises]:
    # What other modules left cooking must not keep an order waiting.
    yield from _open(request, FURNISH + "Station.objects.update(capacity=None)\n")


def _open(request: pytest.FixtureRequest, furnish: str = FURNISH) -> Iterator[Premises]:
    from tests.flow import premises

    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    open_premises = premises.opener(request.config)
    with open_premises(factory.mktemp("house"), "--speed", SPEED, furnish=furnish) as found:
        yield found


@pytest.fixture
def house(whole: Premises) -> House:
    return whole.house


@pytest.fixture
def guest(house: House) -> Guest:
    """Somebody who orders over HTTP: `guest.order("COLA")` gives the order's id."""
    return house.guest()


@pytest.fixture
def page_of(pages: Pages, house: House) -> Callable[..., Page]:
    """Open a page as somebody of the staff: `page_of("kitchen", "/admin/kitchen/board/")`.

    Known are kitchen, dispatch, manager, support and admin, who may do everything.
    """
    from restaurant.demo.customers import PASSWORD
    from restaurant.demo.house import STAFF_DOMAIN

    def open_(who: str, path: str = QUIET, **options: Any) -> Page:
        return pages.log_in(house.up.url, f"{who}@{STAFF_DOMAIN}", PASSWORD, path, **options)

    return open_
