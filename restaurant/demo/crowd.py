"""The customers at work: some threads order, one has second thoughts, one asks how it stands."""

import threading
import time
from collections.abc import Callable, Sequence

from restaurant.demo.customers import Customer, NotServed, Stopped
from restaurant.demo.following import Following
from restaurant.demo.http import Api, Hear, ignore
from restaurant.demo.journal import Journal
from restaurant.demo.ordering import Ordering
from restaurant.demo.pace import Pace
from restaurant.demo.regrets import Regrets

# The server commits together what comes together, so a few orders at a time go fastest.
ORDERING_THREADS = 8


class Crowd:
    """Customers of the system at `base_url`, from `start` until `stop` is set."""

    def __init__(
        self,
        base_url: str,
        *,
        customers: Sequence[Customer],
        journal: Journal,
        pace: Pace,
        seed: int,
        speed: float,
        stop: threading.Event,
        hear: Hear = ignore,
    ) -> None:
        """`hear` is told of each answer that a customer gets, in the customer's thread."""
        self._base_url = base_url
        self._hear = hear
        self._journal = journal
        self._stop = stop
        regrets = Regrets(journal=journal, speed=speed, stop=stop)
        ordering = Ordering(
            customers=customers,
            journal=journal,
            pace=pace,
            regrets=regrets,
            seed=seed,
            stop=stop,
        )
        following = Following(customers=customers, journal=journal, stop=stop)
        self._ordering = [self._thread(ordering.run) for _ in range(ORDERING_THREADS)]
        self._others = [self._thread(regrets.run), self._thread(following.run)]

    def start(self) -> None:
        for thread in (*self._ordering, *self._others):
            thread.start()

    def join(self, seconds: float) -> None:
        """Wait until the threads have ended, after `stop` was set, but not longer than this."""
        until = time.monotonic() + seconds
        for thread in (*self._ordering, *self._others):
            thread.join(max(0.0, until - time.monotonic()))

    @property
    def is_ordering(self) -> bool:
        """Tell whether there are orders still to be placed."""
        return any(thread.is_alive() for thread in self._ordering)

    def _thread(self, job: Callable[[Api], None]) -> threading.Thread:
        return threading.Thread(target=self._work, args=[job], daemon=True)

    def _work(self, job: Callable[[Api], None]) -> None:
        api = Api(self._base_url, self._hear)
        while not self._stop.is_set():
            try:
                job(api)
            except Stopped:
                break
            except NotServed as trouble:
                self._journal.trouble(str(trouble))
            else:
                break
        api.close()
