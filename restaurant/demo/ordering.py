"""How a customer comes to an order: reads the menu, asks, is refused perhaps, and asks again."""

import secrets
import threading
from collections.abc import Sequence
from random import Random
from typing import Any

from restaurant.demo.carts import Cart, Carts
from restaurant.demo.customers import Customer, NotServed
from restaurant.demo.http import Api
from restaurant.demo.journal import Journal
from restaurant.demo.pace import Pace
from restaurant.demo.regrets import Regrets

MISTAKEN, CANCELLING = 0.05, 0.05
# The first customers are hungry: something quick, and neither slips nor second thoughts.
FIRST_ORDERS = 4


class Ordering:
    """Places the orders that `pace` hands out. Safe to run in several threads."""

    def __init__(
        self,
        *,
        customers: Sequence[Customer],
        journal: Journal,
        pace: Pace,
        regrets: Regrets,
        seed: int,
        stop: threading.Event,
    ) -> None:
        self._customers = customers
        self._journal = journal
        self._pace = pace
        self._regrets = regrets
        self._seed = seed
        self._stop = stop
        self._menu = TodaysMenu()
        # The server remembers keys for a day, so another run needs others.
        self._keys = f"demo-{secrets.token_hex(6)}"

    def run(self, api: Api) -> None:
        """Order until there are no more orders to place. Raises `Stopped`."""
        while (number := self._pace.next()) is not None:
            while not self._is_placed(api, number):
                self._stop.wait(1)

    def _is_placed(self, api: Api, number: int) -> bool:
        try:
            self._place(api, number)
        except NotServed as trouble:
            self._journal.trouble(str(trouble))
            return False
        return True

    def _place(self, api: Api, number: int) -> None:
        # All chance of an order comes from its number, whichever thread places it.
        random = Random(f"{self._seed}:{number}")  # noqa: S311 - a game, not a secret
        is_first = number < FIRST_ORDERS
        slips = not is_first and random.random() < MISTAKEN
        regrets = not is_first and random.random() < CANCELLING
        customer = self._customers[number % len(self._customers)]
        placed = None
        if slips:
            mistaken = self._menu.read(api, customer).mistaken(random)
            placed = self._ask(api, customer, mistaken, f"{number}-slip")
        if placed is None:
            placed = self._insist(api, customer, random, number, quick=is_first)
        if regrets:
            self._regrets.add(customer, placed["id"], random)

    def _insist(
        self, api: Api, customer: Customer, random: Random, number: int, *, quick: bool
    ) -> dict[str, Any]:
        """Ask until served: somebody may have taken a dish off the menu a moment ago."""
        attempt = 0
        while True:
            carts = self._menu.read(api, customer, again=attempt > 0)
            cart = carts.quick(random) if quick else carts.usual(random)
            if placed := self._ask(api, customer, cart, f"{number}-{attempt}"):
                return placed
            attempt += 1
            customer.pause(min(attempt * 0.2, 5))

    def _ask(self, api: Api, customer: Customer, cart: Cart, key: str) -> dict[str, Any] | None:
        headers = {"Idempotency-Key": f"{self._keys}-{key}"}
        answer = customer.ask(api, "POST", "orders/", cart, headers)
        if answer.status != 201:
            self._journal.refuse(customer.name, answer.reason)
            return None
        self._journal.place(answer.body, customer.name)
        placed: dict[str, Any] = answer.body
        return placed


class TodaysMenu:
    """The menu, read by whoever needs it first and again when it has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._carts: Carts | None = None

    def read(self, api: Api, customer: Customer, *, again: bool = False) -> Carts:
        """Give carts to choose from. Raises `NotServed`, `Stopped`."""
        with self._lock:
            if self._carts is None or again:
                self._carts = Carts(customer.look(api, "menu/"))
            return self._carts
