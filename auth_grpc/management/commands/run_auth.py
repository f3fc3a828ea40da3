import signal
import threading
from typing import Any

import structlog
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import CommandError, CommandParser
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from restaurant import needs
from restaurant.daemon import Daemon
from restaurant.heartbeat import beating
from restaurant.monitor import draining
from restaurant.monitor.process import monitored

# Where a signal is given to one of gRPC's threads, this one hears of it when it wakes.
WAKE_SECONDS = 0.5

log = structlog.get_logger()


class Command(Daemon):
    help = (
        "Serve accounts over gRPC until SIGTERM or Ctrl-C. Then its health says NOT_SERVING for "
        "DRAIN_SECONDS, and calls at hand get 5 s more; a second signal ends the first wait. "
        "Example: manage.py run_auth --listen 0.0.0.0:50051"
    )

    # The others would load every page of the web process.
    requires_system_checks = (Tags.security,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--listen",
            default=settings.AUTH_GRPC_LISTEN,
            metavar="HOST:PORT",
            help="default: AUTH_GRPC_LISTEN, now %(default)s; port 0 takes a free one",
        )

    def handle(self, *, listen: str, **options: Any) -> None:
        needs.require("auth", listen=listen)
        # Not at the top: they read the secret.
        from auth_grpc.keys import ring
        from auth_grpc.server import Server

        stop, at_once = threading.Event(), threading.Event()

        def ask_to_stop(*_: Any) -> None:
            (at_once if stop.is_set() else stop).set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask_to_stop)
        _require_migrations()
        # Made here if there is none, and an unreadable one is told of now, not at the first login.
        ring.signing()
        connections.close_all()
        try:
            server = Server(listen)
        except OSError as error:
            raise CommandError(str(error)) from None
        server.start()
        log.info("auth_started", listens_on=server.address)
        with beating("auth"), monitored(server.needs):
            while not stop.wait(WAKE_SECONDS):
                pass
            draining.begin()
            server.stop_serving()
            at_once.wait(settings.DRAIN_SECONDS)
            server.drain()


def _require_migrations() -> None:
    executor = MigrationExecutor(connections["default"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes("auth_grpc")):
        raise CommandError("auth_grpc: run `manage.py migrate_services` first")
