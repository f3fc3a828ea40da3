"""When the next order is placed."""

import math
import threading
import time

# A quiet quarter of an hour and a rush take turns, every so many seconds.
RUSH_PERIOD = 90.0
RUSH_SWING = 0.7


class Pace:
    """Hands out the numbers of the orders to place, 0 and on, each at its moment.

    `orders` is how many there are (None: no end). `rate` is orders a second (None: as fast as the
    server takes them); with `rushes` it rises and falls around that. Safe to share between threads.
    """

    def __init__(
        self,
        *,
        orders: int | None,
        rate: float | None,
        rushes: bool,
        stop: threading.Event,
    ) -> None:
        self._orders = orders
        self._rate = rate
        self._rushes = rushes
        self._stop = stop
        self._lock = threading.Lock()
        self._given = 0
        self._began = self._due = 0.0

    def next(self) -> int | None:
        """Wait for the next order's moment; gives its number, or None when there are no more."""
        with self._lock:
            if self._stop.is_set() or self._given == self._orders:
                return None
            number = self._given
            self._given += 1
            due = self._moment()
        wait = due - time.monotonic()
        return None if wait > 0 and self._stop.wait(wait) else number

    def _moment(self) -> float:
        now = time.monotonic()
        if self._rate is None:
            return now
        self._began = self._began or now
        # A server that was slow is not made to catch up: that would be a rush of its own.
        self._due = max(self._due, now - 1.0)
        due = self._due
        self._due += 1 / (self._rate * self._swing(due - self._began))
        return due

    def _swing(self, elapsed: float) -> float:
        if not self._rushes:
            return 1.0
        return 1 + RUSH_SWING * math.sin(2 * math.pi * elapsed / RUSH_PERIOD)
