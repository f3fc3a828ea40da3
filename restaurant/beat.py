"""Beat's schedule, in auth's database."""

from collections.abc import Mapping
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from restaurant import needs, side_work


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # it has no types
    """Reads the database when it is made, which Celery tells nobody of before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        needs.require("beat")
        super().__init__(*args, **kwargs)

    def update_from_dict(self, mapping: Mapping[str, Any]) -> None:
        """Write down the tasks that are not there yet: those that are may have been changed."""
        known = set(self.Model.objects.values_list("name", flat=True))
        super().update_from_dict({name: mapping[name] for name in mapping if name not in known})

    def tick(self, *args: Any, **kwargs: Any) -> float:
        side_work.come_around()
        return float(super().tick(*args, **kwargs))
