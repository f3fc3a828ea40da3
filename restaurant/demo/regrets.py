"""Second thoughts: orders that will be cancelled at a moment drawn by lot."""

import heapq
import threading
import time
from random import Random

from restaurant.demo.customers import Customer
from restaurant.demo.http import Api
from restaurant.demo.journal import Journal

# Who changes their mind does so within this time (at speed 1): while it cooks, or soon after.
LONGEST_SECONDS = 1200.0
LOOK_EVERY = 0.05


class Regrets:
    """Cancels orders when their time has come. `add` is safe from any thread; one thread runs."""

    def __init__(self, *, journal: Journal, speed: float, stop: threading.Event) -> None:
        self._journal = journal
        self._longest = LONGEST_SECONDS / speed
        self._stop = stop
        self._lock = threading.Lock()
        # The order's id breaks ties, so that customers are never compared.
        self._due: list[tuple[float, str, Customer]] = []

    def add(self, customer: Customer, order_id: str, random: Random) -> None:
        with self._lock:
            due = time.monotonic() + random.uniform(0, self._longest)
            heapq.heappush(self._due, (due, order_id, customer))

    def run(self, api: Api) -> None:
        """Cancel until told to stop. Raises `NotServed`, `Stopped`."""
        while not self._stop.wait(LOOK_EVERY):
            while found := self._next():
                self._cancel(api, *found)

    def _next(self) -> tuple[str, Customer] | None:
        with self._lock:
            if not self._due or self._due[0][0] > time.monotonic():
                return None
            return heapq.heappop(self._due)[1:]

    def _cancel(self, api: Api, order_id: str, customer: Customer) -> None:
        if not self._journal.is_unfinished(order_id):
            return
        answer = customer.ask(api, "POST", f"orders/{order_id}/cancel/", {})
        if answer.status != 202:
            self._journal.refuse(customer.name, answer.reason)
