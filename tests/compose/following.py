"""Guests who follow orders to their end, by streams and by long waits, and must miss nothing."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from itertools import cycle
from typing import Any, NamedTuple

from restaurant.demo.customers import Customer, NotServed, Stopped
from restaurant.demo.http import Api
from restaurant.demo.journal import ENDED, Journal
from tests.compose.stack import Stack
from tests.live.listener import Listener

# How many follow one order from before to after all that happens, and how many follow new ones.
LASTING, PASSING = 4, 4
WAIT_SECONDS = 20
# Whether it is time to stop.
LOOK_SECONDS = 1
# A dish of a station where nobody is.
LAY_IN = """
from kitchen.models import Station
from orders.models import Category, MenuItem
Station.objects.create(code="stew", name="Stew", mode=Station.Mode.MANUAL)
of = {"category": Category.objects.first(), "station": "stew", "preparation_seconds": 1}
MenuItem.objects.create(sku="STEW", name="Stew", price=9, **of)
"""
SELL_OUT = """
from orders import services
services.set_availability(sku="STEW", available=False)
"""
CART = {"lines": [{"sku": "STEW", "quantity": 1}], "address": "12 Canal Street"}


class Whose(NamedTuple):
    """An order, and who placed it."""

    guest: Customer
    id: str


def order_what_lasts(stack: Stack, guest: Customer) -> Whose:
    """Order what is never cooked, and leave none for others."""
    stack.tool("manage.py", "shell", "-c", LAY_IN)
    with closing(Api(stack.url)) as api:
        answer = guest.ask(api, "POST", "orders/", CART, {"Idempotency-Key": "stew"})
    assert answer.status == 201, answer
    stack.tool("manage.py", "shell", "-c", SELL_OUT)
    return Whose(guest, str(answer.body["id"]))


class Followers:
    """Threads that each follow an order, by turns in either way, and then the next.

    `tell` is told in a word or two of what should not be.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        guests: Mapping[str, Customer],
        journal: Journal,
        tell: Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self._stack = stack
        self._guests = guests
        self._journal = journal
        self._tell = tell
        self._stop = stop
        self._lock = threading.Lock()
        # Orders that were followed to their end, and how often a stream was opened again meanwhile.
        self.finished = self.resumed = 0
        self._threads: list[threading.Thread] = []

    def start(self, guest: Customer) -> None:
        """Begin, after this guest has ordered what lasts."""
        self._lasting = order_what_lasts(self._stack, guest)
        jobs = [self._follow_lasting] * LASTING + [self._follow_passing] * PASSING
        self._threads = [threading.Thread(target=self._work, args=job) for job in enumerate(jobs)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """End what lasts, and wait until that is heard."""
        guest, order = self._lasting
        with closing(Api(self._stack.url)) as api:
            assert guest.ask(api, "POST", f"orders/{order}/cancel/").status == 202
        for thread in self._threads[:LASTING]:
            thread.join(60)
            if thread.is_alive():
                self._tell("did not hear of the end")

    def join(self) -> None:
        """Wait until each has left its order, after `stop` was set."""
        for thread in self._threads:
            thread.join()

    def _work(self, number: int, job: Callable[[Api, Iterator[Any]], None]) -> None:
        ways = cycle([self._by_stream, self._by_waiting])
        if number % 2:
            next(ways)
        with closing(Api(self._stack.url)) as api, suppress(Stopped):
            job(api, ways)

    def _follow_lasting(self, api: Api, ways: Iterator[Any]) -> None:
        self._follow(api, self._lasting, next(ways))

    def _follow_passing(self, api: Api, ways: Iterator[Any]) -> None:
        while not self._stop.wait(0.1):
            if unfinished := self._journal.unfinished():
                newest = unfinished[-1]
                self._follow(api, Whose(self._guests[newest.customer], newest.id), next(ways))

    def _follow(self, api: Api, whose: Whose, way: Callable[..., Iterator[Any]]) -> None:
        """Follow an order to its end; each event must have the next number."""
        known = 0
        try:
            for event in way(api, whose):
                known += 1
                assert event["sequence"] == known, f"{event['sequence']} after {known - 1}"
                if event["order_status"] in ENDED:
                    with self._lock:
                        self.finished += 1
                    return
        except (AssertionError, OSError, NotServed) as error:
            self._tell(f"following: {error}"[:200])

    def _by_waiting(self, api: Api, whose: Whose) -> Iterator[Any]:
        known = 0
        while not self._stop.is_set():
            path = f"orders/{whose.id}/events/?after={known}&wait={WAIT_SECONDS}"
            answer = whose.guest.ask(api, "GET", path)
            assert answer.status == 200, answer
            known += len(answer.body)
            yield from answer.body

    def _by_stream(self, api: Api, whose: Whose) -> Iterator[Any]:
        last = ""
        while not self._stop.is_set():
            with closing(self._open(api, whose, last)) as stream:
                assert stream.status == 200, f"a stream: {stream.status}"
                yield from self._events(stream)
                last = stream.last_id
            with self._lock:
                self.resumed += 1

    def _open(self, api: Api, whose: Whose, last: str) -> Listener:
        token = whose.guest.token(api)
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        path = f"/api/v1/orders/{whose.id}/events/"
        return Listener(self._stack.port, path=path, headers=headers, last_event_id=last)

    def _events(self, stream: Listener) -> Iterator[Any]:
        """Give what a stream tells, until it says that its process ends."""
        told = 0
        while not self._stop.is_set():
            for event in stream.events[told:]:
                if event.name == "end":
                    assert event.data["why"] == "stopping", event.data
                    return
                told += 1
                yield event.data
            assert not stream.is_closed, "a stream was cut off"
            stream.hear(LOOK_SECONDS)
