import os
import sys
from typing import Any

from django.conf import settings
from django.core.checks import Tags

from restaurant import logs, needs
from restaurant.daemon import Daemon


class Command(Daemon):
    help = (
        "Serve the HTTP API and the staff site on HOST:PORT until SIGTERM or Ctrl-C. Then it is "
        "not ready, serves for DRAIN_SECONDS more, and ends; a second signal ends it at once. "
        "Example: manage.py run_web"
    )

    # The others would load every page, which is the workers' to do.
    requires_system_checks = (Tags.security,)

    def handle(self, *args: Any, **options: Any) -> None:
        needs.require("web")
        command = [
            *(sys.executable, "-m", "restaurant.web"),
            *("--host", settings.HOST.strip("[]"), "--port", str(settings.PORT)),
            *("--workers", str(settings.WEB_WORKERS), "--threads", str(settings.WEB_THREADS)),
            *("--drain", str(settings.DRAIN_SECONDS), "--stuck", str(settings.STUCK_SECONDS)),
            *("--monitor", settings.MONITOR_LISTEN, "--log-level", settings.LOG_LEVEL),
            *(["--readable"] if settings.DEBUG else []),
            # Elsewhere in memory, as in a container; here where `make clean` finds it.
            *("--directory", str(settings.VAR_DIR) if settings.DEBUG else ""),
        ]
        os.chdir(settings.BASE_DIR)
        # In this process's place: it has nothing more to do, and is larger than what follows.
        logs.flush()
        os.execv(sys.executable, command)  # noqa: S606 - our own command
