from tests.browser.fixtures import browser, errors, pages

__all__ = ["browser", "errors", "pages"]
