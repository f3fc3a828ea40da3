"""How Celery's processes tell that they live and can do their work."""

import atexit

from django.conf import settings

from restaurant import databases
from restaurant.heartbeat import Heart
from restaurant.monitor import process
from restaurant.monitor.needs import Needs, database, redis
from restaurant.monitor.progress import Progress, stuck

_hearts: list[Heart] = []
_progress = Progress()


def tell(name: str) -> None:
    """Begin to tell, as the process of this name: `celery` or `beat`."""
    heart = Heart(name)
    heart.start()
    atexit.register(heart.stop)
    _hearts.append(heart)
    # Beat reads its schedule there; a worker has tasks for every database that is configured.
    aliases = ["default"] if name == "beat" else sorted(databases.configured(settings.DATABASES))
    needs = Needs([redis(), *map(database, aliases)])
    come_around()
    process.start(needs, stuck(needs, _progress.since, seconds=settings.STUCK_SECONDS))


def come_around() -> None:
    """Take note that the process's loop has come around."""
    _progress.made()
    for heart in _hearts:
        heart.progress()
