"""How much waits in a service, and for how long, as Prometheus asks it."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.messaging.watch import Watch
from restaurant.messaging.worker import Loop
from restaurant.monitor import metrics
from restaurant.monitor.metrics import Sample

log = structlog.get_logger()

# They are looked up at most so often, however many ask.
FRESH_SECONDS = 5.0
# More is not counted: it is much.
MOST = 100_000


class Figures:
    """Figures of one service, which only the worker that leads its relay tells: one, not each."""

    def __init__(self, loop: Loop, watch: Watch) -> None:
        self._loop = loop
        self._watch = watch
        self._service = loop.worker.service
        self._lock = threading.Lock()
        self._found: list[Sample] = []
        self._found_at: float | None = None

    def look(self) -> list[Sample]:
        """Give them; those that cannot be found out now are left out."""
        if not self._loop.relay.leads:
            return []
        with self._lock:
            if self._found_at is None or time.monotonic() - self._found_at > FRESH_SECONDS:
                self._found = [*self._of_database(), *self._of_broker()]
                self._found_at = time.monotonic()
            return self._found

    def _of_database(self) -> list[Sample]:
        try:
            return list(self._asked(timezone.now()))
        except DatabaseError as error:
            log.debug("figures_unknown", service=self._service, reason=str(error).split("\n")[0])
            return []
        finally:
            # This thread ends with the answer.
            connections[self._service].close()

    def _asked(self, now: datetime) -> Iterator[Sample]:
        unpublished = outbox_of(self._service).objects.filter(published_at=None)
        count, oldest = _count(unpublished.order_by("sequence"), "created_at")
        yield metrics.OUTBOX, (), count
        yield metrics.OUTBOX_AGE, (), _age(oldest, now)
        is_left = self._service in settings.OUTBOX_CAPTURED and not _is_captured(self._service)
        yield metrics.CAPTURED, (), int(not is_left)
        yield metrics.LETTERS, (), dead_letters_of(self._service).objects.waiting().count()
        if self._loop.worker.due:
            count, latest = _count(self._loop.worker.due(now), "due_at")
            yield metrics.TIMERS_DUE, (), count
            yield metrics.TIMERS_LATE, (), _age(latest, now)

    def _of_broker(self) -> list[Sample]:
        try:
            found = self._watch.sound()
        except BrokerUnavailable as error:
            log.debug("figures_unknown", service=self._service, reason=str(error))
            return []
        lag: Counter[str] = Counter()
        for topic, partition in found.ends:
            lag[topic] += found.lag(self._service, (topic, partition))
        return [(metrics.LAG, (topic,), behind) for topic, behind in lag.items()]


def _is_captured(service: str) -> bool:
    """Tell whether somebody reads the service's replication slot, which is named as here."""
    with connections[service].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = %s",
            [f"{service}_outbox"],
        )
        return bool(cursor.fetchone()[0])


def _count(rows: Any, moment: str) -> tuple[int, datetime | None]:
    """Give how many rows there are, and the moment of the first."""
    first = rows.values_list(moment, flat=True).first()
    # Without it, nothing is counted, as nearly always.
    return (rows[:MOST].count(), first) if first else (0, None)


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
