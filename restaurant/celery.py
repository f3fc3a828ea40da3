"""Side work: what may be late or lost without an order being harmed.

The order pipeline is Kafka's; no task here moves an order on.
"""

import os
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    heartbeat_sent,
    worker_init,
    worker_ready,
    worker_shutting_down,
)

from restaurant.logs import tasks
from restaurant.monitor import draining

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")
# They would load every page of the web process.
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")

app = Celery("restaurant")
# In every thread: the web process's would else send tasks to a broker of Celery's own choice.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
tasks.follow()


def _began(name: str) -> Callable[..., None]:
    """Give what is done when Celery says what this process is: it tells how it is from then on."""

    def start(**_: Any) -> None:
        # Not at the top: it reads the settings, which this module names first.
        from restaurant import side_work

        side_work.tell(name)

    return start


def _begin_worker(**_: Any) -> None:
    from restaurant import needs

    needs.require("celery")
    # Not before: some tasks read the secret. Beat, which only knows their names, needs none.
    app.autodiscover_tasks(force=True)


def _tell_progress(**_: Any) -> None:
    from restaurant import side_work

    side_work.come_around()


worker_init.connect(_begin_worker, weak=False)
worker_ready.connect(_began("celery"), weak=False)
# Celery's own heartbeat, which comes from the loop that takes tasks. It is sent only where somebody
# listened before the worker was ready.
heartbeat_sent.connect(_tell_progress, weak=False)
worker_shutting_down.connect(lambda **_: draining.begin(), weak=False)
beat_init.connect(_began("beat"), weak=False)
