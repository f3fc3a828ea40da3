"""When Celery beat does which side work."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

# Task → the databases it cannot do without, and how often it runs. The seconds differ so that
# tasks do not start together.
TASKS: dict[str, tuple[frozenset[str], timedelta]] = {
    "restaurant.staff.tasks.watchdog": (frozenset({"orders"}), timedelta(minutes=1)),
    "restaurant.staff.tasks.rollup": (frozenset({"default"}), timedelta(seconds=59)),
    "auth_grpc.tasks.purge_expired": (frozenset({"default"}), timedelta(minutes=61)),
    "orders.tasks.purge": (frozenset({"orders"}), timedelta(minutes=17)),
    "kitchen.tasks.purge": (frozenset({"kitchen"}), timedelta(minutes=19)),
    "delivery.tasks.purge": (frozenset({"delivery"}), timedelta(minutes=23)),
}


def entries(*, configured: Collection[str]) -> dict[str, dict[str, Any]]:
    """Give beat's schedule of the tasks whose databases are among the `configured` aliases.

    A run that found no worker within its interval expires: the next one does its work.
    """
    return {
        task: {
            "task": task,
            "schedule": every,
            "options": {"expires": every.total_seconds()},
        }
        for task, (needs, every) in TASKS.items()
        if needs <= set(configured)
    }
