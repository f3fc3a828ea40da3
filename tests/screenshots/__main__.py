"""`make screenshots`: each board of a realistic evening, in both themes and three widths.

    python -m tests.screenshots [DIRECTORY]

Writes PNGs named board-theme-width to the directory (var/screenshots), and renews those that the
README shows, in docs/screenshots.
"""

import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import chromium

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "docs" / "screenshots"
BOARDS = {
    "kitchen": "/admin/kitchen/board/",
    "delivery": "/admin/delivery/board/",
}
WIDTHS = {390: 844, 1440: 900, 2560: 1440}


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    directory = tempfile.mkdtemp(prefix="restaurant-screenshots-")
    try:
        _draw(target, Path(directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for shown in README.glob("*.png"):
        shutil.copy(target / shown.name, shown)


def _draw(target: Path, directory: Path) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="restaurant.settings",
        VAR_DIR=str(directory),
        PORT="0",
        LIVE_PORT="0",
        AUTH_GRPC_ADDRESS="127.0.0.1:0",
    )
    import django

    django.setup()
    from django.db import connections
    from django.utils import timezone

    from restaurant.supervisor import Supervisor, to_files
    from tests.screenshots import evening

    # Without the services' workers the evening stands still.
    supervisor = Supervisor(only=["web", "auth", "live"], sink=to_files(directory / "log"))
    try:
        supervisor.start()
        evening.lay_out(timezone.now())
        connections.close_all()
        threading.Thread(target=supervisor.run, daemon=True).start()
        supervisor.wait_ready(60)
        with chromium.running() as browser:
            _draw_all(browser, supervisor.base_url, target)
    finally:
        supervisor.stop()


def _draw_all(browser: Browser, server: str, target: Path) -> None:
    from restaurant.demo.customers import PASSWORD
    from restaurant.demo.house import STAFF_DOMAIN

    errors = chromium.Errors()
    pages = chromium.Pages(browser, errors)
    for board, path in BOARDS.items():
        page = pages.log_in(server, f"manager@{STAFF_DOMAIN}", PASSWORD, path)
        page.get_by_text("Live", exact=True).wait_for()
        for theme in ("light", "dark"):
            page.evaluate("(name) => localStorage.setItem('adminTheme', `\"${name}\"`)", theme)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                _draw_one(page, target / f"{board}-{theme}-{width}.png")
    pages.close()
    if errors:
        sys.exit("\n".join(errors))


def _draw_one(page: Page, path: Path) -> None:
    page.evaluate("drawTheme()")
    page.evaluate("document.fonts.ready.then(() => null)")
    page.screenshot(path=path, animations="disabled")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
