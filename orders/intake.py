"""Taking orders fast: whatever waits is written together.

Request threads hand their priced orders to the process's one writer, which commits all that has
come meanwhile in one transaction; each request answers after its commit. One commit for many
costs little more than one for one, so the busier it is, the cheaper an order gets. A batch that
fails is placed again one by one: an order that cannot be written harms no other.
"""

import os
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connections, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from orders import events
from orders.errors import IntakeUnavailable, OrderRefused
from orders.menu import compiled
from orders.models import IdempotencyKey, Order, OrderLine, OutboxMessage, TimelineEntry
from orders.pricing import PricedOrder, price
from orders.requests import OrderRequest
from restaurant import bulk
from restaurant.messaging import outbox
from restaurant.messaging.retry import PASSING_FAULTS

log = structlog.get_logger()

MOST_IN_BATCH = 200
MOST_WAITING = 1000
# How long a request waits for its commit before it says that it cannot tell.
DEADLINE_SECONDS = 10.0
# A connection unused for so long may have been cut; one small query finds out.
IDLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was committed."""

    id: UUID
    number: int
    created_at: datetime
    order: PricedOrder


class Repeated(Exception):
    """The idempotency key is taken: the order that has it tells the rest."""


@dataclass(slots=True, eq=False)
class Job:
    """An order on its way to the writer, and back with what became of it."""

    customer_id: UUID
    request: OrderRequest
    order: PricedOrder
    correlation_id: str
    key: str = ""
    request_hash: str = ""
    id: UUID = field(default_factory=uuid7)
    outcome: Placed | Exception | None = None
    abandoned: bool = False
    _done: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._done.acquire()

    def finish(self, outcome: Placed | Exception) -> None:
        self.outcome = outcome
        self._done.release()

    def wait(self, seconds: float) -> Placed:
        if not self._done.acquire(timeout=seconds):
            # The writer passes over it, unless it is at it just now.
            self.abandoned = True
            raise IntakeUnavailable("the order was not written in time")
        if isinstance(self.outcome, Placed):
            return self.outcome
        raise self.outcome or IntakeUnavailable()


class Writer:
    """The process's one thread that writes orders."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def place(self, job: Job) -> Placed:
        """Wait until an order is committed.

        Raises `OrderRefused` when the menu has changed against it, `Repeated` when its key is
        taken, `IntakeUnavailable`, or what the database has against this one order.
        """
        if self._jobs.qsize() >= MOST_WAITING:
            raise IntakeUnavailable("too many orders wait")
        self._jobs.put(job)
        return job.wait(DEADLINE_SECONDS)

    def stop(self) -> None:
        """Write what waits, close the connection, and end."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        last = time.monotonic()
        while jobs := self._next():
            if time.monotonic() - last > IDLE_SECONDS:
                connections["orders"].close_if_unusable_or_obsolete()
            self._write([job for job in jobs if not job.abandoned])
            last = time.monotonic()
        connections["orders"].close()

    def _next(self) -> list[Job]:
        """Wait for an order, then take all that came meanwhile; nothing when told to stop."""
        job = self._jobs.get()
        jobs = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == MOST_IN_BATCH or self._jobs.empty():
                break
            job = self._jobs.get()
            if job is None:
                self._jobs.put(None)
        return jobs

    def _write(self, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        try:
            outcomes = _commit(jobs, now=timezone.now())
        except PASSING_FAULTS as fault:
            log.warning("intake_unavailable", orders=len(jobs), reason=str(fault).strip())
            connections["orders"].close()
            outcomes = dict.fromkeys(jobs, IntakeUnavailable("the database is away"))
        except Exception as error:
            if len(jobs) > 1:
                log.warning("intake_batch_replayed", orders=len(jobs), error=str(error))
                for job in jobs:
                    self._write([job])
                return
            log.exception("intake_failed")
            outcomes = dict.fromkeys(jobs, error)
        for job in jobs:
            job.finish(outcomes[job])


def _commit(jobs: Sequence[Job], *, now: datetime) -> dict[Job, Placed | Exception]:
    """Write the orders in one transaction; gives what became of each."""
    outcomes: dict[Job, Placed | Exception] = {}
    with transaction.atomic(using="orders"):
        ready = _priced_now(jobs, outcomes)
        new = _with_new_keys(ready, now)
        placed = _insert(new, now)
    for job in ready:
        outcomes[job] = placed.get(job) or Repeated()
    return outcomes


def _priced_now(jobs: Sequence[Job], outcomes: dict[Job, Placed | Exception]) -> list[Job]:
    """Price orders again whose menu is an older one, and leave out those it now refuses.

    A dish is refused from the moment its absence is committed: a request that begins after it is
    written after it, and sees it here.
    """
    menu = compiled.known_as(compiled.version())
    ready = []
    for job in jobs:
        try:
            if job.order.menu != menu.token:
                job.order = price(job.request, menu)
            ready.append(job)
        except OrderRefused as refused:
            outcomes[job] = refused
    return ready


def _with_new_keys(jobs: Sequence[Job], now: datetime) -> list[Job]:
    """Write the idempotency keys; gives the orders without one, and those whose key was free."""
    # The first of a key in the batch has it. Sorted, so that two writers cannot deadlock.
    keyed = {(job.customer_id, job.key): job for job in reversed(jobs) if job.key}
    rows = [
        (customer_id, key, job.request_hash, job.id, now)
        for (customer_id, key), job in sorted(keyed.items(), key=lambda item: item[0])
    ]
    taken = bulk.insert(
        IdempotencyKey,
        ("customer_id", "key", "request_hash", "order_id", "created_at"),
        rows,
        using="orders",
        ignore_conflicts=True,
        returning=("order_id",),
    )
    ours = {order_id for (order_id,) in taken}
    return [job for job in jobs if not job.key or job.id in ours]


ORDER_COLUMNS = (
    "public_id",
    "customer_id",
    "status",
    "status_rank",
    "cancel_requested",
    "currency",
    "total",
    "address",
    "note",
    "version",
    "correlation_id",
    "created_at",
    "updated_at",
    "overdue_reason",
)
LINE_COLUMNS = (
    "order_id",
    "sku",
    "name",
    "quantity",
    "unit_price",
    "station",
    "preparation_seconds",
    "note",
    "options",
)


def _insert(jobs: Sequence[Job], now: datetime) -> dict[Job, Placed]:
    """Write orders, lines, timeline and outbox, each for all orders at once."""
    orders = [_order_row(job, now) for job in jobs]
    inserted = bulk.insert(
        Order, ORDER_COLUMNS, orders, using="orders", returning=("public_id", "id")
    )
    numbers = dict(inserted)
    placed = {job: Placed(job.id, numbers[job.id], now, job.order) for job in jobs}
    messages = [_message(job, placed[job]) for job in jobs]
    lines = [row for job in jobs for row in _line_rows(placed[job])]
    timeline: list[tuple[object, ...]] = [
        (done.number, message[0], message[1], Order.Status.PLACED, now, {})
        for done, message in zip(placed.values(), messages, strict=True)
    ]
    inserts = [
        bulk.Rows(OrderLine, LINE_COLUMNS, lines),
        bulk.Rows(TimelineEntry, TimelineEntry.COLUMNS, timeline),
        bulk.Rows(OutboxMessage, outbox.COLUMNS, messages),
    ]
    bulk.insert_together(inserts, using="orders")
    return placed


def _order_row(job: Job, now: datetime) -> tuple[object, ...]:
    order = job.order
    status = Order.Status.PLACED
    return (
        job.id,
        job.customer_id,
        status,
        status.rank,
        False,
        order.currency,
        order.total,
        order.address,
        order.note,
        1,
        job.correlation_id,
        now,
        now,
        "",
    )


def _line_rows(placed: Placed) -> list[tuple[object, ...]]:
    return [
        (
            placed.number,
            line.sku,
            line.name,
            line.quantity,
            line.unit_price,
            line.station,
            line.preparation_seconds,
            line.note,
            line.options,
        )
        for line in placed.order.lines
    ]


def _message(job: Job, placed: Placed) -> tuple[object, ...]:
    """Give the outbox row; its first two values are the event's id and its topic."""
    message = events.order_created(
        placed.order,
        id_=placed.id,
        number=placed.number,
        customer_id=job.customer_id,
        placed_at=placed.created_at,
    )
    return outbox.row(message, job.correlation_id, placed.created_at)


_writer: Writer | None = None
_starting = threading.Lock()


def place(job: Job) -> Placed:
    """Hand an order to this process's writer, starting it with the first order."""
    return writer().place(job)


def writer() -> Writer:
    global _writer
    if _writer is None:
        with _starting:
            _writer = _writer or Writer()
    return _writer


def stop() -> None:
    """End this process's writer, if it has one."""
    global _writer
    if _writer is not None:
        _writer.stop()
        _writer = None


def _forget_parents() -> None:
    """A forked process has the parent's variables, but none of its threads."""
    global _writer, _starting
    _writer, _starting = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_parents)
