"""Changing many prices at once, by one rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b

from django.utils.translation import gettext as _

from orders.errors import MenuMoved
from orders.menu.editing import editing
from orders.menu.rules import deepest_discount
from orders.menu.stored import item_as_file
from orders.models import MenuItem, PriceChange
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
        raw = old * (100 + self.percent) / 100 + self.amount
        if raw <= 0:
            return raw.quantize(CENT, ROUND_HALF_UP)
        steps = ((raw + self.under) / self.step).quantize(Decimal(1), ROUND_HALF_UP)
        # Rounding alone gives nothing away.
        return (max(steps, Decimal(1)) * self.step - self.under).quantize(CENT)


@dataclass(frozen=True)
class Repriced:
    """What a rule makes of a dish's price; `refusal` says why it may not."""

    item: MenuItem
    old: Decimal
    new: Decimal
    refusal: str = ""

    @property
    def is_change(self) -> bool:
        return self.new != self.old and not self.refusal

    @property
    def difference(self) -> Decimal:
        return self.new - self.old


def plan(rule: Rule, ids: Iterable[int]) -> list[Repriced]:
    """Tell what a rule would make of dishes' prices, in the order of the menu."""
    items = MenuItem.objects.filter(pk__in=list(ids)).select_related("category")
    return [_reprice(rule, item) for item in items.prefetch_related("option_groups__options")]


def _reprice(rule: Rule, item: MenuItem) -> Repriced:
    new = rule.price(item.price)
    lowest = new + deepest_discount(item_as_file(item))
    refusal = ""
    if new < 0:
        refusal = _("less than nothing")
    elif lowest < 0:
        refusal = _("options could bring it down to %(price)s") % {"price": lowest}
    elif new > HIGHEST:
        refusal = _("more than a price can be")
    return Repriced(item, item.price, new, refusal)


def digest(rows: Iterable[Repriced]) -> str:
    """Name exactly these changes: others have another name."""
    told = "|".join(f"{row.item.pk} {row.old} {row.new}" for row in rows if row.is_change)
    return blake2b(told.encode(), digest_size=16).hexdigest()


def apply(rule: Rule, ids: Iterable[int], *, by: Person, expected: str) -> int:
    """Change the prices; gives how many. Those that may not be changed stay.

    `expected` is the digest of the changes that somebody was shown and agreed to: when a price is
    another by now, raises `MenuMoved`, and nothing is changed.
    """
    with editing(by, via=PriceChange.Via.BULK, action="change_prices"):
        rows = plan(rule, ids)
        if digest(rows) != expected:
            raise MenuMoved
        changed = [row for row in rows if row.is_change]
        for row in changed:
            row.item.price = row.new
        MenuItem.objects.bulk_update([row.item for row in changed], ["price"])
    return len(changed)
