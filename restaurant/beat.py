"""Beat's schedule, in auth's database."""

from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from restaurant import needs, side_work


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # it has no types
    """Reads the database when it is made, which Celery tells nobody of before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        needs.require("beat")
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        side_work.come_around()
        return float(super().tick(*args, **kwargs))
