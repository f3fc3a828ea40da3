"""Running a worker as a process: signals in, exit code out."""

import signal
import threading
from dataclasses import replace
from datetime import datetime
from types import FrameType

from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from restaurant import needs
from restaurant.heartbeat import Heart, beating
from restaurant.messaging.figures import Figures
from restaurant.messaging.watch import Watch
from restaurant.messaging.worker import Loop, Worker
from restaurant.monitor import draining, metrics
from restaurant.monitor.process import monitored


def run(worker: Worker) -> None:
    """Run until SIGTERM or SIGINT; then finish the batch at hand and return.

    Raises `CommandError` when the service's database lacks migrations: every message would end in
    the dead letters.
    """
    needs.require(worker.service)
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        draining.begin()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    executor = MigrationExecutor(connections[worker.service])
    if executor.migration_plan(executor.loader.graph.leaf_nodes(worker.service)):
        raise CommandError(f"{worker.service}: run `manage.py migrate_services` first")
    with beating(worker.service) as heart:
        loop = Loop(_telling(worker, heart), stop=stop)
        watch = Watch(loop)
        metrics.register(Figures(loop, watch).look)
        with monitored(watch.needs, watch.why_not_live):
            loop.run()


def _telling(worker: Worker, heart: Heart) -> Worker:
    """Have the loop tell that it comes around: as a timer, which it ticks each time."""

    def tell(*, now: datetime, limit: int) -> int:
        heart.progress()
        return 0

    return replace(worker, timers=(*worker.timers, tell))
