"""Changing many prices at once, by one rule."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _

from orders.errors import MenuMoved
from orders.menu.editing import editing
from orders.menu.rules import deepest_discount
from orders.models import MenuItem, Option, PriceChange
from restaurant.trail import Person

CENT = Decimal("0.01")
HIGHEST = Decimal("999999.99")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a price becomes another: so many percent, and so much of the currency, more.

    Then it is rounded half up to a multiple of `step`, less `under`: 1 and 0.10 give x.90.
    """

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    step: Decimal = CENT
    under: Decimal = Decimal(0)

    def price(self, old: Decimal) -> Decimal:
        """Give what a dish's price becomes; less than nothing is told as it is."""
        raw = self._raw(old)
        return self._rounded(raw) if raw > 0 else raw.quantize(CENT, ROUND_HALF_UP)

    def difference(self, old: Decimal) -> Decimal:
        """Give what an option's price difference becomes; a discount's is rounded as its amount.

        What makes no difference makes none: it is what the dish comes with.
        """
        raw = self._raw(old) if old else Decimal(0)
        return self._rounded(abs(raw)).copy_sign(raw) if raw else Decimal(0).quantize(CENT)

    def _raw(self, old: Decimal) -> Decimal:
        return old * (100 + self.percent) / 100 + self.amount

    def _rounded(self, raw: Decimal) -> Decimal:
        steps = ((raw + self.under) / self.step).quantize(Decimal(1), ROUND_HALF_UP)
        # Rounding alone gives nothing away.
        return (max(steps, Decimal(1)) * self.step - self.under).quantize(CENT)


@dataclass(frozen=True, kw_only=True)
class What:
    """Which prices of the chosen dishes change: their own, and their options' differences.

    `group` is the name of option groups, without it all; `sku`, of the options in these.
    """

    dishes: bool = True
    options: bool = False
    group: str = ""
    sku: str = ""

    def of(self, item: MenuItem) -> Iterator[Option]:
        """Give the options of a dish whose differences change, in the order of the menu."""
        for group in item.option_groups.all() if self.options else ():
            if self.group in ("", group.name):
                for option in group.options.all():
                    if option.price and self.sku in ("", option.sku):
                        yield option


DISHES = What()


@dataclass(frozen=True)
class Repriced:
    """What a rule makes of a price: a dish's, or the difference of an option of it.

    `refusal` says why it may not.
    """

    item: MenuItem
    option: Option | None
    old: Decimal
    new: Decimal
    refusal: str = ""

    @property
    def key(self) -> str:
        return f"option {self.option.pk}" if self.option else str(self.item.pk)

    @property
    def is_change(self) -> bool:
        return self.new != self.old and not self.refusal

    @property
    def difference(self) -> Decimal:
        return self.new - self.old


def plan(rule: Rule, ids: Iterable[int], what: What = DISHES) -> list[Repriced]:
    """Tell what a rule would make of prices of dishes, in the order of the menu."""
    items = MenuItem.objects.filter(pk__in=list(ids)).select_related("category")
    return [
        row
        for item in items.prefetch_related("option_groups__options")
        for row in _reprice(rule, item, what)
    ]


def _reprice(rule: Rule, item: MenuItem, what: What) -> list[Repriced]:
    rows = [_price(item, rule.price(item.price))] if what.dishes else []
    rows += [_difference(item, option, rule.difference(option.price)) for option in what.of(item)]
    lowest = _lowest(item, rows)
    if lowest >= 0:
        return rows
    # Without what is lowered, the dish costs at least what it does.
    told = _("options could bring it down to %(price)s") % {"price": lowest}
    return [replace(r, refusal=told) if r.is_change and r.new < r.old else r for r in rows]


def _price(item: MenuItem, new: Decimal) -> Repriced:
    refusal = _("less than nothing") if new < 0 else _too_much(new)
    return Repriced(item, None, item.price, new, refusal)


def _difference(item: MenuItem, option: Option, new: Decimal) -> Repriced:
    old, refusal = option.price, _too_much(new)
    if old > 0 > new:
        refusal = _("dearer would become cheaper")
    elif old < 0 < new:
        refusal = _("cheaper would become dearer")
    return Repriced(item, option, old, new, refusal)


def _too_much(new: Decimal) -> str:
    return _("more than a price can be") if abs(new) > HIGHEST else ""


def _lowest(item: MenuItem, rows: Iterable[Repriced]) -> Decimal:
    """Give the least that the dish could cost with these changes."""
    new = {row.option and row.option.pk: row.new for row in rows if row.is_change}
    price = new.get(None, item.price)
    groups = [
        {
            "min": group.min,
            "max": group.max,
            "options": [{"price": new.get(o.pk, o.price)} for o in group.options.all()],
        }
        for group in item.option_groups.all()
    ]
    return price + deepest_discount({"option_groups": groups})


def digest(rows: Iterable[Repriced]) -> str:
    """Name exactly these changes: others have another name."""
    told = "|".join(f"{row.key} {row.old} {row.new}" for row in rows if row.is_change)
    return blake2b(told.encode(), digest_size=16).hexdigest()


def apply(rule: Rule, ids: Iterable[int], what: What = DISHES, *, by: Person, expected: str) -> int:
    """Change the prices; gives how many. Those that may not be changed stay.

    `expected` is the digest of the changes that somebody was shown and agreed to: when a price is
    another by now, raises `MenuMoved`, and nothing is changed.
    """
    with editing(by, via=PriceChange.Via.BULK, action="change_prices"):
        rows = plan(rule, ids, what)
        if digest(rows) != expected:
            raise MenuMoved
        changed = [row for row in rows if row.is_change]
        _write(MenuItem, [(row.item, row.new) for row in changed if row.option is None])
        _write(Option, [(row.option, row.new) for row in changed if row.option is not None])
    return len(changed)


def _write(model: type[MenuItem | Option], prices: list[tuple[Any, Decimal]]) -> None:
    for row, price in prices:
        row.price = price
    model.objects.bulk_update([row for row, _price in prices], ["price"])
