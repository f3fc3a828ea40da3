"""Guests of the demo at the stack's one port, from outside, and every answer they get."""

import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from restaurant.demo.carts import Carts
from restaurant.demo.crowd import Crowd
from restaurant.demo.customers import Customer, strangers
from restaurant.demo.http import Answer, Api
from restaurant.demo.journal import ENDED, Journal
from restaurant.demo.pace import Pace
from tests.compose.following import Followers
from tests.compose.stack import SPEED, Stack
from tests.servers.wait import wait_until

GUESTS = 12
# What guests who slip or change their minds are told, and what is theirs to be told otherwise.
ORDINARY = {200, 201, 202, 400, 404, 409, 422}
REFUSED, UNANSWERED = "503 with Retry-After", "no answer"


class Answers:
    """Counts answers by kind. Safe to share between threads.

    `told` are the last that were not as usual: when (UTC), what, to which request and why.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self.told: deque[str] = deque(maxlen=40)

    def hear(self, path: str, answer: Answer | None) -> None:
        self.tell(kind_of(path, answer), f"{path} {answer.reason if answer else ''}")

    def tell(self, kind: str, more: str = "") -> None:
        with self._lock:
            self._counts[kind] += 1
            if kind:
                self.told.append(f"{datetime.now(UTC):%H:%M:%S} {kind} {more}")

    def so_far(self) -> Counter[str]:
        with self._lock:
            return self._counts.copy()


def kind_of(path: str, answer: Answer | None) -> str:
    """Say in a word or two what came back; no word for what is in order."""
    if answer is None:
        return UNANSWERED
    if answer.status in ORDINARY:
        return ""
    if answer.status == 503 and answer.retry_after:
        return REFUSED
    if answer.status == 401 and path == "auth/refresh/":
        # Spent by a request whose answer was lost; the guest logs in again.
        return "refresh token spent"
    return f"{answer.status} {answer.reason}, {path.partition('?')[0]}"


class Outcome(NamedTuple):
    """What came of a load: orders placed, those that never ended, and answers by kind.

    `followed` are orders that somebody followed to their end, `resumed` streams that were opened
    again meanwhile.
    """

    placed: int
    unfinished: int
    seconds: float
    answers: Counter[str]
    followed: int
    resumed: int


class Load:
    """Guests who order at a rate a second until told to stop, and follow each order to its end."""

    def __init__(self, stack: Stack, *, rate: float, follow: bool = False) -> None:
        self.answers = Answers()
        self._journal = Journal()
        self._stop, self._enough = threading.Event(), threading.Event()
        self._url = stack.url
        self._guests = strangers(GUESTS, stop=self._stop)
        self._crowd = Crowd(
            stack.url,
            customers=self._guests,
            journal=self._journal,
            pace=Pace(orders=None, rate=rate, rushes=False, stop=self._enough),
            seed=0,
            speed=SPEED,
            stop=self._stop,
            hear=self.answers.hear,
        )
        self._follow = follow
        self._followers = Followers(
            stack,
            guests={guest.name: guest for guest in self._guests},
            journal=self._journal,
            tell=self.answers.tell,
            stop=self._stop,
        )
        self._taster = strangers(1, stop=self._stop)[0]

    def start(self) -> None:
        """Have everybody log in, one after the other, since hashing takes a core; then order."""
        door = Api(self._url)
        for guest in (*self._guests, self._taster):
            guest.look(door, "menu/")
        door.close()
        self._began = time.monotonic()
        self._crowd.start()
        if self._follow:
            self._followers.start(self._taster)

    def taste(self) -> float:
        """Order something quick and wait for it to be delivered; gives the seconds."""
        began = time.monotonic()
        headers = {"Idempotency-Key": f"taste-{time.time_ns()}"}
        # By a connection of its own: one that was long idle may be closed.
        with closing(Api(self._url, self.answers.hear)) as api:
            placed = order(self._taster, api, headers)
            while self._taster.look(api, f"orders/{placed}/")["status"] not in ENDED:
                self._taster.pause(0.1)
        return time.monotonic() - began

    def unfinished(self) -> set[str]:
        """Give the ids of the orders that have not ended."""
        return {order.id for order in self._journal.unfinished()}

    def finish(self) -> Outcome:
        """Place no more, and wait until each order has ended, as long as there is hope."""
        placing = time.monotonic() - self._began
        self._enough.set()
        # Those that have not ended are counted.
        with suppress(AssertionError):
            wait_until(self._is_over, seconds=120, every=0.5)
        if self._follow:
            self._followers.finish()
        self._stop.set()
        self._crowd.join(5)
        self._followers.join()
        return Outcome(
            placed=self._journal.snapshot().placed,
            unfinished=len(self._journal.unfinished()),
            seconds=placing,
            answers=self.answers.so_far(),
            followed=self._followers.finished,
            resumed=self._followers.resumed,
        )

    def _is_over(self) -> bool:
        return not self._crowd.is_ordering and not self._journal.unfinished()

    def close(self) -> None:
        self._enough.set()
        self._stop.set()


def order(customer: Customer, api: Api, headers: dict[str, str]) -> str:
    """Order one quick dish; gives the order's id."""
    carts = Carts(customer.look(api, "menu/"))
    cart = carts.quick(Random(0))
    answer = customer.ask(api, "POST", "orders/", cart, headers)
    assert answer.status == 201, answer
    return str(answer.body["id"])


# At fifty orders a second the demo's house has a queue before its oven, and its couriers are all
# out: that would be measured, and not what a fault costs.
WITHOUT_LIMIT = """
from delivery.models import Courier
from kitchen.models import Station
Station.objects.update(capacity=None)
Courier.objects.update(load_limit=None)
"""


def furnish(stack: Stack) -> None:
    """Lay in a menu, have an order delivered, and take the house's limits away."""
    stack.tool("manage.py", "demo", "--against", "http://proxy:8080", "--orders", "1", "--exit")
    stack.tool("manage.py", "shell", "-c", WITHOUT_LIMIT)


@contextmanager
def ordering_guests(stack: Stack, *, rate: float, follow: bool = False) -> Iterator[Load]:
    """Have guests order while the block runs; some also `follow` what was ordered."""
    load = Load(stack, rate=rate, follow=follow)
    try:
        load.start()
        yield load
    finally:
        load.close()


def say(text: str) -> None:
    """Tell a line at once, to a person or a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
