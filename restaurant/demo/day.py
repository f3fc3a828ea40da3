"""One run of the demo, from opening to the summary."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.utils import timezone
from rich.console import Console

from restaurant.demo import books, customers, house, premises
from restaurant.demo.crowd import Crowd
from restaurant.demo.journal import Journal
from restaurant.demo.pace import Pace
from restaurant.demo.screen import Facts
from restaurant.demo.summary import NOT_RUN, Summary, summarize
from restaurant.demo.views import Steps, view_for

# Orders a second where nobody said, for a day that is watched: more at a rush, fewer between.
PLEASANT_RATE = 1.5
LOOK_EVERY = 0.25
# When nothing has moved for so long, what has not ended will not: real time, and simulated time.
STALLED_SECONDS, STALLED_SIMULATED_SECONDS = 90.0, 7200.0
JOIN_SECONDS = 2.0


@dataclass(frozen=True)
class Plan:
    """What the day is to be like.

    `orders` None: no end. `rate` is orders a second; None: as fast as the server takes them when
    the run `exits` by itself, else a pleasant one. `against` is the base URL of a system that
    already runs; None: start one. `failures` is the part of deliveries that fail, 0 to 1.
    """

    orders: int | None = None
    exits: bool = False
    speed: float = 60.0
    rate: float | None = None
    customers: int = 12
    seed: int = 0
    against: str | None = None
    failures: float = 0.0

    @property
    def environment(self) -> dict[str, str]:
        """Give the settings of the processes that the demo starts."""
        return {
            "SIMULATION_SPEED": str(self.speed),
            "DELIVERY_FAILURE_RATE": str(self.failures),
        }


class Day:
    """Runs a plan on a terminal; `tell` hears the summary before everything is stopped."""

    def __init__(self, plan: Plan, console: Console, tell: Callable[[Summary], None]) -> None:
        self._plan = plan
        self._tell = tell
        self._console = console
        self._began, self._since = time.monotonic(), timezone.now()
        self._journal = Journal()
        self._steps = Steps(console)
        self._stop = threading.Event()

    def run(self) -> Summary:
        """Open, let customers order, watch until the end or Ctrl-C, and sum up.

        Raises `UpError` when the system cannot be started, `KeyboardInterrupt` before it is open.
        """
        try:
            with self._place() as base_url:
                self._steps.end()
                self._let_order(base_url)
                summary = self._sum_up()
                self._tell(summary)
                self._steps.spin("Stopping every process")
        finally:
            self._steps.end()
        return summary

    def _place(self) -> AbstractContextManager[str]:
        if self._plan.against:
            return premises.found(self._plan.against, say=self._steps.say)
        self._steps.spin("Migrating the databases")
        warn = self._journal.trouble
        return premises.opened(env=self._plan.environment, say=self._steps.say, warn=warn)

    def _let_order(self, base_url: str) -> None:
        crowd = self._crowd(base_url)
        crowd.start()
        try:
            self._watch(crowd, base_url)
        except KeyboardInterrupt:
            pass
        finally:
            self._stop.set()
        crowd.join(JOIN_SECONDS)

    def _crowd(self, base_url: str) -> Crowd:
        plan = self._plan
        make = customers.strangers if plan.against else customers.regulars
        return Crowd(
            base_url,
            customers=make(plan.customers, stop=self._stop),
            journal=self._journal,
            pace=self._pace(),
            seed=plan.seed,
            speed=plan.speed,
            stop=self._stop,
        )

    def _pace(self) -> Pace:
        plan = self._plan
        is_watched = plan.rate is None and not plan.exits
        return Pace(
            orders=plan.orders,
            rate=PLEASANT_RATE if is_watched else plan.rate,
            rushes=is_watched,
            stop=self._stop,
        )

    def _watch(self, crowd: Crowd, base_url: str) -> None:
        with view_for(self._console, self._facts(base_url)) as view:
            while not self._is_over(crowd):
                view.show(self._journal.snapshot())
                time.sleep(LOOK_EVERY)

    def _is_over(self, crowd: Crowd) -> bool:
        if not self._plan.exits:
            return False
        if not crowd.is_ordering and not self._journal.unfinished():
            return True
        longest = STALLED_SECONDS + STALLED_SIMULATED_SECONDS / self._plan.speed
        return time.monotonic() - self._journal.changed_at > longest

    def _facts(self, base_url: str) -> Facts:
        if self._plan.against:
            doors = [("API", f"{base_url}/api/v1/")]
            return Facts(f"Restaurant at {base_url}", self._plan.orders, doors)
        doors = [
            ("API", f"{base_url}/api/v1/   docs {base_url}/api/docs/"),
            ("Staff", f"{base_url}/admin/   {house.SUPERUSER}@{house.STAFF_DOMAIN}"),
            ("", f"or {', '.join(house.STAFF)} @{house.STAFF_DOMAIN}"),
            ("Login", f"customer {customers.FIRST}; every password: {customers.PASSWORD}"),
        ]
        return Facts(f"Restaurant, {self._plan.speed:g}x speed", self._plan.orders, doors)

    def _sum_up(self) -> Summary:
        self._steps.spin("Comparing the services' books")
        is_ours = not self._plan.against or books.hold(self._journal.some_ids())
        summary = summarize(
            self._journal,
            audit=books.findings() if is_ours else NOT_RUN,
            events=books.events_handled(self._since) if is_ours else None,
            seconds=time.monotonic() - self._began,
            orders=self._plan.orders,
        )
        self._steps.end()
        return summary
