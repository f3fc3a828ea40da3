"""Where our own JSON lines go: to the stream of the libraries' lines, by a thread of its own.

A thread that served a request must not wait for whoever reads the lines, nor for the others that
write some: at a slow reader, each request would wait for it while it holds the lock. So lines are
queued, and what comes within a few milliseconds is written at once. What ends the process is
written before its caller goes on, and so is all that waits, when it ends in order; who kills it
loses these milliseconds.
"""

import atexit
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import util
from queue import SimpleQueue
from select import PIPE_BUF
from typing import Any

LINGER_SECONDS = 0.005
# Beyond that, with a reader that takes nothing, lines are dropped and counted.
MOST_WAITING = 20_000
MOST_AT_ONCE = 1000
FLUSH_SECONDS = 2.0


class Lines:
    """A logger for structlog that writes finished lines to a handler's stream."""

    def __init__(self, handler: "logging.StreamHandler[Any]") -> None:
        self._handler = handler
        self._forget()
        os.register_at_fork(
            before=self._rest, after_in_parent=self._go_on, after_in_child=self._forget
        )
        _all.append(self)

    @classmethod
    def factory(cls, handler: logging.Handler) -> Callable[..., "Lines"]:
        """Give structlog's `logger_factory`, all of whose loggers are this one."""
        assert isinstance(handler, logging.StreamHandler)  # noqa: S101 - configured beside it
        lines = cls(handler)
        return lambda *_names: lines

    def write(self, line: str) -> None:
        """Have a line written soon."""
        if sys.is_finalizing():
            self._put_out([line])
        elif self._waiting.qsize() >= MOST_WAITING:
            self._dropped += 1
        else:
            self._waiting.put(line)
            if self._thread is None:
                self._start()

    def write_now(self, line: str) -> None:
        """Write a line, and what waits before it."""
        self.write(line)
        self.flush()

    debug = info = warning = error = exception = write
    critical = write_now

    def flush(self) -> None:
        """Wait until what has been said so far is written; not for long, if nobody reads it."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._waiting.put(written := threading.Event())
            written.wait(FLUSH_SECONDS)

    def _rest(self) -> None:
        """Write nothing while the process forks: the child would find the stream locked."""
        self.flush()
        self._handler.acquire()

    def _go_on(self) -> None:
        self._handler.release()

    def _forget(self) -> None:
        """Begin anew: a forked process has the parent's variables, but none of its threads."""
        self._waiting: SimpleQueue[str | threading.Event] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._dropped = 0

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="logs", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while True:
            some = [self._waiting.get()]
            if isinstance(some[0], str):
                time.sleep(LINGER_SECONDS)
            while len(some) < MOST_AT_ONCE and not self._waiting.empty():
                some.append(self._waiting.get())
            self._put_out([line for line in some if isinstance(line, str)])
            for written in some:
                if isinstance(written, threading.Event):
                    written.set()

    def _put_out(self, lines: list[str]) -> None:
        if dropped := self._dropped:
            self._dropped -= dropped
            line = {"count": dropped, "event": "lines_dropped", "level": "error"}
            lines.append(json.dumps({**line, "timestamp": datetime.now(UTC).isoformat()}))
        if not lines:
            return
        handler = self._handler
        assert handler.lock  # noqa: S101 - handlers have one
        # A reader that is gone must not end a process.
        with handler.lock, suppress(OSError, ValueError):
            for some in _portions(lines):
                handler.stream.write(some)
                handler.flush()


def _portions(lines: Iterable[str]) -> Iterator[str]:
    """Give the lines in texts that a pipe takes whole, where several processes write to it."""
    text, size = "", 0
    for line in lines:
        length = len(line.encode()) + 1
        if text and size + length > PIPE_BUF:
            yield text
            text, size = "", 0
        text, size = f"{text}{line}\n", size + length
    if text:
        yield text


_all: list[Lines] = []


def flush() -> None:
    """Write what waits: for a process that is about to end without asking anybody."""
    for lines in _all:
        lines.flush()


def _flush_at_end(_: Any = None) -> None:
    """Have a process of `multiprocessing` flush, as granian's workers are: it runs no `atexit`."""
    util.Finalize(None, flush, exitpriority=0)


atexit.register(flush)
_flush_at_end()
# A forked one forgets what its parent would do at the end.
util.register_after_fork(flush, _flush_at_end)
