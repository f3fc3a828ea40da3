"""What tests in a browser start from; other directories' conftest imports it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.chromium import Errors, Pages


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module. No longer: its loop would stand in the way of others' asyncio."""
    with chromium.running() as found:
        yield found


@pytest.fixture
def errors() -> Errors:
    """What went wrong in the test's pages; what is left at the end fails it."""
    return Errors()


@pytest.fixture
def pages(browser: Browser, errors: Errors) -> Iterator[Pages]:
    """Open pages; in the end none of them may have met an error."""
    found = Pages(browser, errors)
    yield found
    found.close()
    assert errors == []
