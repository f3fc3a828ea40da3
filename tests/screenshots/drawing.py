"""How a page is drawn: in both themes, in several widths, without what moves."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import chromium
from tests.browser.axe import THEMES

ROOT = Path(__file__).resolve().parent.parent.parent
HEIGHTS = {390: 844, 1440: 900, 2560: 1440}
# A list of a hundred rows says no more than its first thirty.
TALLEST = 2400
SETTLED = """async () => {
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@contextmanager
def pages() -> Iterator[chromium.Pages]:
    """Give a browser's pages; ends the program when one of them told an error."""
    errors = chromium.Errors()
    with chromium.running() as browser:
        opened = chromium.Pages(browser, errors)
        try:
            yield opened
        finally:
            opened.close()
    if errors:
        sys.exit("\n".join(errors))


def draw(
    page: Page,
    target: Path,
    name: str,
    *,
    widths: Iterable[int],
    whole: bool,
    prepare: Callable[[Page], object] = lambda _page: None,
) -> None:
    """Write a page in each theme and width; `whole`: also what is below the fold.

    It is loaded anew for each theme, and `prepare` brings it where it is to be looked at.
    """
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.reload()
        prepare(page)
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            if whole:
                _unroll(page, width)
            page.evaluate(SETTLED)
            path = target / f"{name}-{theme}-{width}.png"
            page.screenshot(path=path, animations="disabled")
            sys.stdout.write(f"{path}\n")


def _unroll(page: Page, width: int) -> None:
    """Make the window as tall as the page, so that what stands at its foot stands there."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height, TALLEST)})
