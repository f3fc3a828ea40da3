"""Keys that lead to pages: `g`, then a letter. `staff.js` hears them, `?` shows them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest

from restaurant.staff import navigation

# The letter, by the page's label in the sidebar.
LETTERS = {
    "staff.dashboard": "d",
    "orders.Order": "o",
    "orders.MenuItem": "m",
    "kitchen.board": "k",
    "kitchen.Ticket": "t",
    "delivery.board": "b",
    "delivery.Delivery": "l",
    "delivery.Courier": "c",
    "staff.pipeline": "p",
    "staff.dead_letters": "x",
    "staff.trail": "a",
    "auth_grpc.User": "u",
}


@dataclass(frozen=True, slots=True)
class Way:
    """A letter, and the page that it leads to."""

    letter: str
    title: str
    link: str


def ways(request: HttpRequest) -> Iterator[Way]:
    """Give the ways to the pages that this person may see."""
    for label, letter in LETTERS.items():
        for item in navigation.items(request, {label: ""}):
            yield Way(letter, str(item["title"]), item["link"])
