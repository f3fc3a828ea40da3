"""When Celery beat does which side work."""

from datetime import timedelta
from typing import Any

# Task → how often it runs. The seconds differ so that tasks do not start together.
TASKS: dict[str, timedelta] = {
    "restaurant.staff.tasks.watchdog": timedelta(minutes=1),
    "restaurant.staff.tasks.rollup": timedelta(seconds=59),
    "auth_grpc.tasks.purge_expired": timedelta(minutes=61),
    "orders.tasks.purge": timedelta(minutes=17),
    "kitchen.tasks.purge": timedelta(minutes=19),
    "delivery.tasks.purge": timedelta(minutes=23),
}


def entries() -> dict[str, dict[str, Any]]:
    """Give beat's schedule: of all tasks, for it has the workers do them, who have all databases.

    A run that found no worker within its interval expires: the next one does its work.
    """
    return {
        task: {
            "task": task,
            "schedule": every,
            # By the name that django_celery_beat knows; it drops what it does not.
            "options": {"expire_seconds": int(every.total_seconds())},
        }
        for task, every in TASKS.items()
    }
