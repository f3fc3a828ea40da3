"""How the customers' orders stand, asked as customers can: their own lists, then single orders."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlencode

from restaurant.demo.customers import Customer
from restaurant.demo.http import Api, path_of
from restaurant.demo.journal import ENDED, UNFINISHED, Followed, Journal

PAGE_SIZE = 200
# Up to so many orders that have ended are looked up one by one, and more by the page.
FEW = 5
# A look around, and then a rest so many times as long as the look took: on a big day the
# following must not cost the server what it needs for the orders.
LOOK_EVERY, LONGEST_REST, REST = 0.5, 5.0, 2.0


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
            rest = min(REST * (time.monotonic() - began), LONGEST_REST)
            pause = max(LOOK_EVERY, rest)

    def look(self, api: Api) -> None:
        """See once how each order stands that has not ended."""
        waiting = defaultdict(list)
        for order in self._journal.unfinished():
            waiting[order.customer].append(order)
        for customer in self._customers:
            if orders := waiting[customer.name]:
                self._look_for(api, customer, orders)

    def _look_for(self, api: Api, customer: Customer, waiting: list[Followed]) -> None:
        listed = self._list(api, customer, UNFINISHED, since=waiting)
        # What was unfinished and is no longer listed as such has ended meanwhile.
        ended = [order for order in waiting if order.id not in listed]
        if len(ended) > FEW:
            listed |= self._list(api, customer, ENDED, since=ended)
        for order in ended:
            if order.id not in listed:
                self._journal.see(customer.look(api, f"orders/{order.id}/"))

    def _list(
        self, api: Api, customer: Customer, statuses: Sequence[str], since: Sequence[Followed]
    ) -> set[str]:
        """Note the customer's orders in these statuses, from the oldest of the given on."""
        oldest = min(order.created_at for order in since)
        query = {"status": ",".join(statuses), "created_after": oldest, "page_size": PAGE_SIZE}
        listed = set()
        page: str | None = f"orders/?{urlencode(query)}"
        while page:
            answer = customer.look(api, page)
            for order in answer["results"]:
                listed.add(order["id"])
                self._journal.see(order)
            page = path_of(answer["next"]) if answer["next"] else None
        return listed
