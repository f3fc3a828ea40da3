"""Counting the requests for orders that were refused, by reason.

A request is counted in memory, and the counts are written now and then by a thread of their own:
so a flood of bad requests writes one row every few seconds, never waits for the database, and
never stands in the way of the writer that takes orders. What is lost is what a process counted in
its last seconds when it is killed.
"""

import os
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, connections, transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone

from orders.models import RefusalCount
from restaurant.monitor import metrics

log = structlog.get_logger()

FLUSH_SECONDS = 2.0
# Every time zone's hours begin at a quarter of an hour of UTC, so that these add up to its days.
SLOT = timedelta(minutes=15)
# Longer codes do not fit the column.
LONGEST = 50


class Tally:
    """What this process counted and has not written yet."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[datetime, str]] = Counter()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, code: str, *, now: datetime) -> None:
        """Count a request refused for this reason; never waits, never raises."""
        with self._lock:
            self._counts[slot_of(now), code[:LONGEST]] += 1
            if self._thread is None:
                self._thread = self.start()
        self._wanted.set()

    def start(self) -> threading.Thread:
        """Start the thread that writes."""
        thread = threading.Thread(target=self._run, name="refusals", daemon=True)
        thread.start()
        return thread

    def flush(self) -> None:
        """Write what was counted; while the database is away it is kept."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        try:
            _write(taken)
        except DatabaseError as error:
            log.warning("refusals_not_written", reason=str(error).partition("\n")[0])
            connections["orders"].close()
            with self._lock:
                self._counts.update(taken)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            time.sleep(FLUSH_SECONDS)
            try:
                self.flush()
            except Exception:
                log.exception("refusals_not_written")
            if self._counts:
                self._wanted.set()
            # It may be long until the next one.
            connections["orders"].close()


def slot_of(at: datetime) -> datetime:
    """Give the quarter of an hour that a moment belongs to."""
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def count(code: str) -> None:
    """Count a request for an order that was refused, for the reason of this code."""
    metrics.orders_refused.labels(code).inc()
    _tally.add(code, now=timezone.now())


def count_early(*, request: HttpRequest, code: str, **_: Any) -> None:
    """Count a request for an order that was refused before any view had it: its body is too big."""
    if request.method == "POST" and request.resolver_match is None and _asks_for_order(request):
        count(code)


def flush() -> None:
    """Write what this process has counted so far."""
    _tally.flush()


def _write(counts: Counter[tuple[datetime, str]]) -> None:
    if not counts:
        return
    with transaction.atomic(using="orders"):
        # Sorted, so that two processes cannot deadlock.
        for (at, code), number in sorted(counts.items()):
            row, is_new = RefusalCount.objects.get_or_create(
                at=at, code=code, defaults={"count": number}
            )
            if not is_new:
                RefusalCount.objects.filter(pk=row.pk).update(count=F("count") + number)


def _asks_for_order(request: HttpRequest) -> bool:
    try:
        return resolve(request.path_info).url_name == "orders"
    except Resolver404:
        return False


_tally = Tally()


def _forget_parents() -> None:
    """A forked process has the parent's counts, which the parent writes, and no thread."""
    global _tally
    _tally = Tally()


os.register_at_fork(after_in_child=_forget_parents)
