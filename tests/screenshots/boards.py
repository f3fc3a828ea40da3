"""Each board on an evening that stands still: the services' workers are not there."""

import threading
from pathlib import Path

from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page

from restaurant.demo.customers import PASSWORD
from restaurant.demo.house import STAFF_DOMAIN
from restaurant.supervisor import Supervisor, to_files
from tests.screenshots import drawing, evening

BOARDS = {
    "kitchen": "/admin/kitchen/board/",
    "delivery": "/admin/delivery/board/",
}
WIDTHS = (390, 1440, 2560)


def draw(target: Path, directory: Path) -> None:
    supervisor = Supervisor(only=["web", "auth", "live"], sink=to_files(directory / "log"))
    try:
        supervisor.start()
        evening.lay_out(timezone.now())
        connections.close_all()
        threading.Thread(target=supervisor.run, daemon=True).start()
        supervisor.wait_ready(60)
        _draw_all(supervisor.base_url, target)
    finally:
        supervisor.stop()


def _draw_all(server: str, target: Path) -> None:
    with drawing.pages() as pages:
        for name, path in BOARDS.items():
            page = pages.log_in(server, f"manager@{STAFF_DOMAIN}", PASSWORD, path)
            drawing.draw(page, target, name, widths=WIDTHS, whole=False, prepare=_wait_for_live)


def _wait_for_live(page: Page) -> None:
    page.get_by_text("Live", exact=True).wait_for()
