import os
import signal
from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import Tags

from restaurant import logs, needs
from restaurant.daemon import Daemon
from restaurant.live.protocol import Protocol


class Command(Daemon):
    help = (
        "Serve the live streams on LIVE_HOST:LIVE_PORT until SIGTERM or Ctrl-C. Then it is not "
        "ready, serves for DRAIN_SECONDS more, tells every stream and ends; a second signal ends "
        "it at once. Example: manage.py run_live"
    )

    requires_system_checks = (Tags.security,)

    def handle(self, *args: Any, **options: Any) -> None:
        needs.require("live")
        for number in (signal.SIGTERM, signal.SIGINT):
            # Before uvicorn hears signals, and once more after it has ended as they asked: then
            # nothing is left to do, and to take the interpreter down would only take time.
            signal.signal(number, _end)
        uvicorn.run(
            "restaurant.asgi:application",
            host=settings.LIVE_HOST.strip("[]"),
            port=settings.LIVE_PORT,
            # With a way to cut connections that take nothing.
            http=Protocol,
            ws="none",
            lifespan="on",
            # The settings have said how lines look.
            log_config=None,
            access_log=False,
            server_header=False,
            # By NUM_PROXIES alone; uvicorn would believe whoever asks from this machine.
            proxy_headers=False,
            # The application ends its streams itself; this is for what else may be open.
            timeout_graceful_shutdown=1,
        )


def _end(*_: Any) -> None:
    logs.flush()
    os._exit(0)
