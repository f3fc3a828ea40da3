"""Commands that run until they are stopped, and whose output is a log."""

from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

log = structlog.get_logger()


class Daemon(BaseCommand):
    """Outside DEBUG, why it cannot start is a line of the log like any other."""

    # Set by Django, under a name of its own.
    _called_from_command_line = False

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            if settings.DEBUG or not self._called_from_command_line:
                raise
            log.critical("start_refused", reason=" ".join(str(error).split()))
            raise SystemExit(error.returncode) from None
