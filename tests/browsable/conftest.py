from tests.browser.fixtures import browser, errors, pages
from tests.orders.conftest import menu, menu_file, placed_here

__all__ = ["browser", "errors", "menu", "menu_file", "pages", "placed_here"]
