"""Taking orders fast: whatever waits is written together.

Request threads hand their priced orders to the process's one writer, which commits all that has
come meanwhile in one transaction; each request answers after its commit. One commit for many
costs little more than one for one, so the busier it is, the cheaper an order gets. A batch that
fails is placed again in parts, down to one by one: an order that cannot be written harms no other.
"""

import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog
from django.db import Error as DatabaseFault
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import placing
from orders.errors import IntakeUnavailable
from orders.placing import Blocked, Draft, Placed
from restaurant.connections import bound_lock_waits
from restaurant.messaging.retry import passes
from restaurant.monitor import metrics

log = structlog.get_logger()

MOST_IN_BATCH = 200
MOST_WAITING = 1000
# How long a request waits for its commit before it says that it cannot tell.
DEADLINE_SECONDS = 10.0
# A connection unused for so long may have been cut; one small query finds out.
IDLE_SECONDS = 5.0
# How long all wait for one whose key another process is writing: several of its commits.
LOCK_MILLISECONDS = 250


class Job:
    """An order on its way to the writer, and back with what became of it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.abandoned = False
        self._outcome: Placed | Exception | None = None
        # Held until there is an outcome; cheaper than an Event.
        self._pending = threading.Lock()
        self._pending.acquire()

    def finish(self, outcome: Placed | Exception) -> None:
        self._outcome = outcome
        self._pending.release()

    def result(self, seconds: float) -> Placed:
        """Wait for what becomes of it; raises it when it is an error."""
        if not self._pending.acquire(timeout=seconds):
            # The writer passes over it, unless it is at it just now.
            self.abandoned = True
            raise IntakeUnavailable(_("it took too long"))
        if isinstance(self._outcome, Placed):
            return self._outcome
        raise self._outcome or IntakeUnavailable(_("the writer failed"))


class Writer:
    """The process's one thread that writes orders."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def place(self, draft: Draft) -> Placed:
        """Wait until an order is committed.

        Raises `OrderRefused` when the menu has changed against it, `Repeated` when its key is
        taken, `KeyInUse` when another process is at it, `IntakeUnavailable`, or what the database
        has against this one order.
        """
        if self._jobs.qsize() >= MOST_WAITING:
            raise IntakeUnavailable(_("too many wait already"))
        job = Job(draft)
        self._jobs.put(job)
        return job.result(DEADLINE_SECONDS)

    def stop(self) -> None:
        """Write what waits, close the connection, and end."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        bound_lock_waits("orders", LOCK_MILLISECONDS)
        last = time.monotonic()
        while jobs := self._next():
            if time.monotonic() - last > IDLE_SECONDS:
                connections["orders"].close_if_unusable_or_obsolete()
            self.write(jobs)
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

    def write(self, jobs: Sequence[Job]) -> None:
        """Write orders together or, when that fails, one by one; never raises.

        Those for which nobody waits any more are left out.
        """
        jobs = [job for job in jobs if not job.abandoned]
        if not jobs:
            return
        began = time.perf_counter()
        try:
            outcomes = _committed([job.draft for job in jobs])
        except Blocked as error:
            log.warning("intake_blocked", orders=len(jobs), reason=_first_line(error.__cause__))
            # No order's fault: again, until it is written or nobody waits for it.
            self.write(jobs)
            return
        except Exception as error:
            if len(jobs) > 1:
                log.warning("intake_batch_replayed", orders=len(jobs), error=_first_line(error))
                for part in _parted(jobs, error):
                    self.write(part)
                return
            log.exception("intake_failed", correlation_id=jobs[0].draft.correlation_id)
            outcomes = {jobs[0].draft: error}
        for job in jobs:
            job.finish(outcomes[job.draft])
        metrics.intake_commit.observe(time.perf_counter() - began)
        metrics.intake_batch.observe(len(jobs))
        metrics.orders_placed.inc(sum(isinstance(found, Placed) for found in outcomes.values()))


def _parted(jobs: Sequence[Job], error: Exception) -> list[list[Job]]:
    """Part what failed together: repeats of placed orders from the others, or all one by one.

    After a crash many come again, and each is not to cost those beside it their common commit.
    """
    repeated: set[Draft] = set()
    if placing.is_of_a_key(error):
        with suppress(DatabaseFault):
            repeated = placing.repeated_of([job.draft for job in jobs])
    others = [job for job in jobs if job.draft not in repeated]
    if len(others) == len(jobs):
        return [[job] for job in jobs]
    return [others, *([job] for job in jobs if job.draft in repeated)]


def _committed(drafts: Sequence[Draft]) -> Mapping[Draft, Placed | Exception]:
    """Commit orders; when the database is away, that is what becomes of each."""
    try:
        return placing.commit(drafts, now=timezone.now())
    except DatabaseFault as fault:
        if not passes(fault):
            raise
        log.warning("intake_unavailable", orders=len(drafts), reason=_first_line(fault))
        # Broken, or to a server that is none to write to any more: the next batch opens another.
        connections["orders"].close()
        return dict.fromkeys(drafts, IntakeUnavailable(_("the database is away")))


def _first_line(error: BaseException | None) -> str:
    """Give what a database says, without the row that it tells below."""
    return str(error).strip().partition("\n")[0]


_writer: Writer | None = None
_starting = threading.Lock()


def place(draft: Draft) -> Placed:
    """Hand an order to this process's writer, starting it with the first order."""
    return writer().place(draft)


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
