"""Side work: what may be late or lost without an order being harmed.

The order pipeline is Kafka's; no task here moves an order on.
"""

import atexit
import os
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.signals import beat_init, heartbeat_sent, worker_init, worker_ready

from restaurant.logs import tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")
# They would load every page of the web process.
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")

app = Celery("restaurant")
# In every thread: the web process's would else send tasks to a broker of Celery's own choice.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
tasks.follow()


def _beat_as(name: str) -> Callable[..., None]:
    """Give what starts this process's heartbeat, when Celery says what the process is."""

    def start(**_: Any) -> None:
        # Not at the top: it reads the settings, which this module names first.
        from restaurant.heartbeat import Heart

        heart = Heart(name)
        heart.start()
        atexit.register(heart.stop)
        _hearts.append(heart)

    return start


def _begin_worker(**_: Any) -> None:
    from restaurant import needs

    needs.require("celery")
    # Not before: some tasks read the secret. Beat, which only knows their names, needs none.
    app.autodiscover_tasks(force=True)


def _tell_progress(**_: Any) -> None:
    # Celery's own heartbeat, which comes from the loop that takes tasks.
    for heart in _hearts:
        heart.progress()


_hearts: list[Any] = []
worker_init.connect(_begin_worker, weak=False)
worker_ready.connect(_beat_as("celery"), weak=False)
# Celery sends it only where somebody listened before the worker was ready.
heartbeat_sent.connect(_tell_progress, weak=False)
beat_init.connect(_beat_as("beat"), weak=False)
