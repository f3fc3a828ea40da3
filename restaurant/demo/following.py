"""How the customers' orders stand, asked as customers can: their own lists, then single orders."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from restaurant.demo.customers import Customer
from restaurant.demo.http import Api, path_of
from restaurant.demo.journal import UNFINISHED, Followed, Journal

PAGE_SIZE = 200
# A look around, and then a rest so many times as long as the look took: on a big day the
# following must not cost the server what it needs for the orders.
LOOK_EVERY, REST = 0.5, 4.0


class Following:
    """Keeps the journal up to date. One thread runs it."""

    def __init__(
        self, *, customers: Sequence[Customer], journal: Journal, stop: threading.Event
    ) -> None:
        self._customers = customers
        self._journal = journal
        self._stop = stop

    def run(self, api: Api) -> None:
        """Look around until told to stop. Raises `NotServed`, `Stopped`."""
        pause = LOOK_EVERY
        while not self._stop.wait(pause):
            began = time.monotonic()
            self.look(api)
            pause = max(LOOK_EVERY, REST * (time.monotonic() - began))

    def look(self, api: Api) -> None:
        """See once how each order stands that has not ended."""
        waiting = defaultdict(list)
        for order in self._journal.unfinished():
            waiting[order.customer].append(order)
        for customer in self._customers:
            if orders := waiting[customer.name]:
                self._look_for(api, customer, orders)

    def _look_for(self, api: Api, customer: Customer, waiting: list[Followed]) -> None:
        listed = set()
        for order in self._unfinished(api, customer, since=waiting[0].created_at):
            listed.add(order["id"])
            self._journal.see(order)
        # What was unfinished and is no longer listed as such has ended: how, its own page tells.
        for order_id in (order.id for order in waiting if order.id not in listed):
            answer = customer.ask(api, "GET", f"orders/{order_id}/")
            if answer.status == 200:
                self._journal.see(answer.body)

    def _unfinished(self, api: Api, customer: Customer, since: str) -> Iterator[dict[str, Any]]:
        query = {"status": ",".join(UNFINISHED), "created_after": since, "page_size": PAGE_SIZE}
        page: str | None = f"orders/?{urlencode(query)}"
        while page:
            answer = customer.look(api, page)
            yield from answer["results"]
            page = path_of(answer["next"]) if answer["next"] else None
