"""The monitor of a process that is one by itself: all but web's, which has workers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from restaurant.monitor import exposition, metrics
from restaurant.monitor.needs import Needs
from restaurant.monitor.server import Monitor, Views, condition


def start(needs: Needs, why_not_live: Callable[[], str] = str) -> Monitor | None:
    """Serve on `MONITOR_LISTEN`, or nowhere when that is empty.

    To be called where the process is what it will be: threads do not survive a fork. Raises
    `OSError` when the port is taken.
    """
    if not settings.MONITOR_LISTEN:
        return None
    views = Views(why_not_live, needs.look, exposition.own)
    metrics.register(lambda: condition(views))
    return Monitor(settings.MONITOR_LISTEN, views).start()


@contextmanager
def monitored(needs: Needs, why_not_live: Callable[[], str] = str) -> Iterator[None]:
    """Serve while the block runs."""
    monitor = start(needs, why_not_live)
    try:
        yield
    finally:
        if monitor:
            monitor.stop()
