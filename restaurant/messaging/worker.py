"""What a service's worker declares, and the one plain loop that does it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from google.protobuf.message import Message

from restaurant.connections import close_after
from restaurant.messaging import contracts, dead_letters, events, inbox, telling
from restaurant.messaging.errors import InvalidMessage
from restaurant.messaging.events import Event, Record
from restaurant.messaging.inbox import Try
from restaurant.messaging.kafka import Consumer
from restaurant.messaging.relay import Relay
from restaurant.messaging.retry import PASSING_FAULTS, Backoff, passes
from restaurant.monitor import metrics
from restaurant.monitor.progress import Progress

log = structlog.get_logger()

# How long a step waits for messages: short while there is work, longer when it is quiet.
SHORTEST_WAIT, LONGEST_WAIT = 0.002, 0.1
TIMER_BATCH = 1000


class Handler(Protocol):
    def __call__(self, events: Sequence[Event[Any]], *, now: datetime) -> None:
        """React to events of one or more types, in the order they came.

        Runs in the batch's transaction, so its writes, the inbox's and the outbox's are kept
        together or not at all. What it raises sends the culprit to the dead letters.
        """


class Timer(Protocol):
    def __call__(self, *, now: datetime, limit: int) -> int:
        """Do at most `limit` things that are due at `now` (UTC); gives how many were done.

        Opens its own transaction.
        """


@dataclass(frozen=True)
class Worker:
    """A service's reactions: events to handlers, and the timers that run between batches."""

    service: str
    handlers: Mapping[type[Message], Handler]
    timers: Sequence[Timer] = ()
    # Called after a batch is committed with all its events, those handled before included. For
    # what can be done without, as a cache: when it fails, that is logged and no more.
    after_commit: Callable[[Sequence[Event[Any]]], None] | None = None
    # Gives what the timers are to do that is due at a time (UTC): a queryset in the order of its
    # field `due_at`, for those who look how late it is.
    due: Callable[[datetime], Any] | None = None


class _Ticking:
    """A timer's turns. One that fails is tried less and less often, and holds up nothing else."""

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        self._backoff = Backoff(most=60.0)
        self._not_before = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._not_before:
            return False
        try:
            done = self._timer(now=timezone.now(), limit=TIMER_BATCH)
        except Exception as error:
            if passes(error):
                raise
            self._not_before = time.monotonic() + self._backoff.failed()
            log.exception("timer_failed", timer=getattr(self._timer, "__qualname__", ""))
            return False
        self._backoff.succeeded()
        return done > 0


class Loop:
    """Runs a worker: consume, handle, tick the timers, relay, and again."""

    def __init__(self, worker: Worker, *, stop: threading.Event) -> None:
        self.worker = worker
        self.stop = stop
        self.types = {contracts.type_of(kind): kind for kind in worker.handlers}
        topics = [contracts.topic_of(kind) for kind in worker.handlers]
        self.consumer = Consumer(worker.service, topics)
        for topic in topics:
            # Told as none from the start: who reads nothing would have nothing to be alerted by.
            metrics.records_read.labels(topic)
        self.relay = Relay(worker.service)
        self.timers = [_Ticking(timer) for timer in worker.timers]
        self.backoff = Backoff()
        # Told of each turn and each transaction, and while it waits for what is away.
        self.progress = Progress()
        self.wait = SHORTEST_WAIT
        # At the batch at hand.
        self.attempt = Try(0, timezone.now())
        # Records of a type that nobody here reads, by type.
        self.skipped: Counter[str] = Counter()

    def run(self) -> None:
        """Work until told to stop; then finish the batch, commit, and leave the group."""
        log.info("worker_started", service=self.worker.service, topics=len(self.types))
        try:
            while not self.stop.is_set():
                self.step()
        finally:
            self.consumer.close()
            with suppress(*PASSING_FAULTS):
                self.relay.close()
            log.info("worker_stopped", service=self.worker.service)

    def step(self) -> bool:
        """Do once around what there is to do; tells whether there was anything."""
        self.progress.made()
        failures = self.backoff.failures
        records = self.consumer.read(settings.CONSUMER_BATCH_SIZE, self.wait)
        self.attempt = Try(0, timezone.now())
        if records and self._until_done(partial(self.handle, self._known(records))):
            self.consumer.commit(records)
        worked = bool(records)
        parts: list[Callable[[], bool]] = [*self.timers, self.relay.step]
        for part in parts:
            worked = self._once(part) or worked
        quiet = not worked and not self.relay.busy
        self.wait = min(self.wait * 1.5, LONGEST_WAIT) if quiet else SHORTEST_WAIT
        if self.backoff.failures == failures:
            self.backoff.succeeded()
        return worked

    def _known(self, records: Sequence[Record]) -> list[Record]:
        """Leave out the records whose type nobody here reads, and count them."""
        unknown = Counter(r.type[:200] for r in records if r.type and r.type not in self.types)
        self.skipped += unknown
        metrics.records_skipped.inc(unknown.total())
        for name, count in unknown.items():
            log.warning(
                "unknown_type_skipped",
                service=self.worker.service,
                type=name,
                count=count,
                total=self.skipped[name],
            )
        return [r for r in records if not r.type or r.type in self.types] if unknown else [*records]

    def _until_done(self, work: Callable[[], None]) -> bool:
        """Do it again while what stops it passes; False when told to stop before it was done."""
        while True:
            try:
                work()
                return True
            except Exception as fault:
                if not passes(fault):
                    raise
                self._pause(fault)
                if self.stop.is_set():
                    return False

    def _once(self, work: Callable[[], bool]) -> bool:
        try:
            return work()
        except Exception as fault:
            if not passes(fault):
                raise
            self._pause(fault)
            return False

    def _pause(self, fault: Exception) -> None:
        seconds = self.backoff.failed()
        metrics.worker_waits.inc()
        reason = str(fault).partition("\n")[0]
        log.warning(
            "worker_waits", service=self.worker.service, reason=reason, seconds=round(seconds, 2)
        )
        close_after(fault)
        until = time.monotonic() + seconds
        while not self.stop.is_set() and (left := until - time.monotonic()) > 0:
            self.progress.made()
            self.consumer.wait(min(left, 0.2))

    def handle(self, records: Sequence[Record]) -> None:
        """Handle a batch in one transaction, or, when that fails, one by one.

        Raises only faults that pass; then nothing of what was not committed has taken effect.
        """
        began = time.perf_counter()
        self._try_again()
        arrived = self._read(records)
        try:
            self._transact(arrived)
        except Exception as error:
            if passes(error):
                raise
            log.warning(
                "batch_replayed",
                service=self.worker.service,
                size=len(arrived),
                error=str(error).partition("\n")[0],
            )
            self._try_again()
            for event in arrived:
                self._handle_alone(event)
        _count(records, seconds=time.perf_counter() - began)
        if self.worker.after_commit and arrived:
            try:
                self.worker.after_commit(arrived)
            except Exception:
                # What it does can be done without; a worker that dies of it would die again.
                log.exception("after_commit_failed", service=self.worker.service)

    def _try_again(self) -> None:
        self.attempt = Try(self.attempt.number + 1, self.attempt.since)

    def _handle_alone(self, event: Event[Any]) -> None:
        try:
            with telling.bound(event.record):
                self._transact([event])
        except Exception as error:
            if passes(error):
                raise
            self._bury(event.record, error)

    def _bury(self, record: Record, error: Exception) -> None:
        now = timezone.now()
        dead_letters.bury(self.worker.service, record, error, now=now, attempt=self.attempt)

    def _transact(self, arrived: Sequence[Event[Any]]) -> None:
        now = timezone.now()
        by_id = {event.id: event for event in arrived}
        with transaction.atomic(using=self.worker.service):
            new = inbox.keep_new(
                self.worker.service,
                [(event.id, event.record) for event in arrived],
                now=now,
                attempt=self.attempt,
            )
            for handler, group in self._by_handler([by_id[id_] for id_ in by_id if id_ in new]):
                handler(group, now=now)
        self.progress.made()
        telling.handled(self.worker.service, [by_id[id_] for id_ in by_id if id_ in new])
        if repeats := len(arrived) - len(new):
            metrics.repeats_dropped.inc(repeats)
            log.info("repeats_dropped", service=self.worker.service, count=repeats)

    def _by_handler(self, new: Sequence[Event[Any]]) -> list[tuple[Handler, list[Event[Any]]]]:
        """Group events by handler, in the order in which the worker declares them."""
        groups: dict[Handler, list[Event[Any]]] = {h: [] for h in self.worker.handlers.values()}
        for event in new:
            groups[self.worker.handlers[type(event.message)]].append(event)
        return [(handler, group) for handler, group in groups.items() if group]

    def _read(self, records: Sequence[Record]) -> list[Event[Any]]:
        """Make events of the records; what cannot be read is buried."""
        found = []
        for record in records:
            try:
                found.append(events.read(record, self.types.get(record.type)))
            except InvalidMessage as error:
                self._bury(record, error)
        return found


def _count(records: Sequence[Record], *, seconds: float) -> None:
    metrics.batch_records.observe(len(records))
    metrics.batch_seconds.observe(seconds)
    for topic, count in Counter(record.topic for record in records).items():
        metrics.records_read.labels(topic).inc(count)
