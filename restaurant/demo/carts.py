"""What a customer asks for: mostly dinner, sometimes something that cannot be had."""

from random import Random
from typing import Any

STREETS = ("Canal Street", "Mill Lane", "Station Road", "Harbour Quay", "Chestnut Avenue")
LINE_NOTES = ("", "", "", "", "no onions please", "extra crispy", "allergic to nuts")
NOTES = ("", "", "", "ring twice", "leave it at the door", "third floor, no lift")
Item = dict[str, Any]
Line = dict[str, Any]
Cart = dict[str, Any]


class Carts:
    """Makes carts from a menu as `GET menu/` gives it; the same `Random` makes the same carts."""

    def __init__(self, menu: dict[str, Any]) -> None:
        items = [item for category in menu["categories"] for item in category["items"]]
        self._items = [item for item in items if item["available"]]
        self._sold_out = [item for item in items if not item["available"]]
        self._choosy = [item for item in self._items if _least(item)]
        self._quick = sorted(self._items, key=lambda item: int(item["prep_seconds"]))[:4]

    def usual(self, random: Random) -> Cart:
        """One to four dishes, each with choices that its option groups allow."""
        count = random.choices((1, 2, 3, 4), weights=(30, 40, 20, 10))[0]
        picked = random.sample(self._items, min(count, len(self._items)))
        return _cart([_line(item, random) for item in picked], random)

    def quick(self, random: Random) -> Cart:
        """One dish that is ready in a moment."""
        return _cart([_line(random.choice(self._quick), random)], random)

    def mistaken(self, random: Random) -> Cart:
        """What must be refused: a dish not on the menu, a sold-out one, or wrong choices."""
        cart = self.usual(random)
        cart["lines"][-1] = random.choice(self._mistakes(random))
        return cart

    def _mistakes(self, random: Random) -> list[Line]:
        line = _line(random.choice(self._items), random)
        mistakes = [
            {**line, "sku": "UNICORN-STEAK"},
            {**line, "options": [*line["options"], "GOLD-LEAF"]},
            {**line, "quantity": 0},
        ]
        if self._sold_out:
            mistakes.append(_line(random.choice(self._sold_out), random))
        if self._choosy:
            mistakes.append({**_line(random.choice(self._choosy), random), "options": []})
        return mistakes


def _least(item: Item) -> int:
    """Give how many choices the item cannot be ordered without."""
    return sum(group["min"] for group in item["option_groups"])


def _line(item: Item, random: Random) -> Line:
    return {
        "sku": item["sku"],
        "quantity": random.choices((1, 2, 3), weights=(80, 16, 4))[0],
        "options": [sku for group in item["option_groups"] for sku in _chosen(group, random)],
        "note": random.choice(LINE_NOTES),
    }


def _chosen(group: dict[str, Any], random: Random) -> list[str]:
    skus = [option["sku"] for option in group["options"]]
    most = min(group["max"] or len(skus), len(skus))
    return random.sample(skus, random.randint(group["min"], most))


def _cart(lines: list[Line], random: Random) -> Cart:
    address = f"{random.randint(1, 120)} {random.choice(STREETS)}"
    return {"lines": lines, "address": address, "note": random.choice(NOTES)}
