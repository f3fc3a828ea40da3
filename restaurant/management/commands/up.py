import signal
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from restaurant.supervisor import SERVICES, NotReady, Supervisor, UpError

READY_SECONDS = 60


class Command(BaseCommand):
    help = (
        "Start every process on this machine, watch them, and stop them all on Ctrl-C. What is "
        "not configured (Kafka, Redis, databases) is started embedded. "
        "Example: manage.py up --only kitchen,delivery"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only", metavar="NAME,...", help=f"start some of {', '.join(SERVICES)}"
        )
        parser.add_argument(
            "--speed", type=_positive, metavar="N", help="divide simulated durations by N"
        )
        parser.add_argument(
            "--no-migrate",
            action="store_false",
            dest="migrate",
            help="leave databases and topics as they are",
        )

    def handle(
        self, *, only: str | None, speed: float | None, migrate: bool, **options: Any
    ) -> None:
        began = time.monotonic()
        try:
            supervisor = Supervisor(
                only=[name.strip() for name in only.split(",")] if only else None,
                env={"SIMULATION_SPEED": str(speed)} if speed else {},
            )
            self._stop_on_signals(supervisor)
            supervisor.start(migrations=migrate)
        except UpError as error:
            raise CommandError(str(error), returncode=2) from None
        try:
            self._announce(supervisor, began)
            supervisor.run()
        finally:
            supervisor.stop()

    def _stop_on_signals(self, supervisor: Supervisor) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.ask_to_stop())

    def _announce(self, supervisor: Supervisor, began: float) -> None:
        """Say where the system is, once it can be used; until then, what is not ready."""
        while not self._is_ready(supervisor):
            pass
        if supervisor.is_stopping:
            return
        self.stdout.write(f"Ready after {time.monotonic() - began:.1f} s.")
        if supervisor.serves_http:
            url = supervisor.base_url
            self.stdout.write(f"  API         {url}/api/docs/\n  Staff site  {url}/admin/")
        if sys.stdout.isatty():
            self.stdout.write("  Ctrl-C stops everything.")
        self.stdout.flush()

    def _is_ready(self, supervisor: Supervisor) -> bool:
        try:
            supervisor.wait_ready(READY_SECONDS)
        except NotReady as error:
            self.stderr.write(f"{error} Still trying.")
            return False
        return True


def _positive(text: str) -> float:
    if (number := float(text)) > 0:
        return number
    raise ArgumentTypeError("must be above 0")
