"""What a request costs by a menu, or why it cannot be ordered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from orders.errors import OrderRefused, Refusal
from orders.menu.compiled import Choice, Dish, Menu
from orders.requests import LineRequest, OrderRequest

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class PricedLine:
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    station: str
    preparation_seconds: int
    note: str
    options: list[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """A request with everything the menu says of it; `menu` names the version that was used."""

    menu: UUID | None
    currency: str
    total: Decimal
    lines: list[PricedLine]
    address: str
    note: str


def price(request: OrderRequest, menu: Menu) -> PricedOrder:
    """Price a request. Raises `OrderRefused` with everything that is wrong with its lines."""
    if refusals := refusals_of(enumerate(request.lines), menu):
        raise OrderRefused(refusals)
    lines = [_line(line, menu.dishes[line.sku]) for line in request.lines]
    return PricedOrder(
        menu=menu.token,
        currency=settings.CURRENCY,
        total=sum((line.unit_price * line.quantity for line in lines), ZERO),
        lines=lines,
        address=request.address.strip(),
        note=request.note,
    )


def refusals_of(lines: Iterable[tuple[int, LineRequest]], menu: Menu) -> list[Refusal]:
    """Tell what the menu has against lines, each given with its position in the request."""
    return [refusal for at, line in lines for refusal in _refusals(line, menu, f"/lines/{at}")]


def _line(line: LineRequest, dish: Dish) -> PricedLine:
    chosen = [dish.choices[sku] for sku in line.options]
    unit_price = sum((choice.price for choice in chosen), dish.price)
    return PricedLine(
        dish.sku,
        dish.name,
        line.quantity,
        # The menu may be edited into nonsense; nobody is paid for eating.
        max(unit_price, ZERO),
        dish.station,
        dish.preparation_seconds,
        line.note,
        [choice.snapshot for choice in chosen],
    )


def _refusals(line: LineRequest, menu: Menu, pointer: str) -> Iterator[Refusal]:
    dish = menu.dishes.get(line.sku)
    if dish is None:
        detail = _("The menu has no %(sku)s.") % {"sku": line.sku}
        yield Refusal(f"{pointer}/sku", "unknown_sku", detail)
        return
    if not dish.available:
        detail = _("%(dish)s is not available now.") % {"dish": dish.name}
        yield Refusal(f"{pointer}/sku", "unavailable", detail)
    if line.options or dish.groups:
        yield from _refused_options(line, dish, f"{pointer}/options")


def _refused_options(line: LineRequest, dish: Dish, pointer: str) -> Iterator[Refusal]:
    chosen: dict[str, Choice] = {}
    for position, sku in enumerate(line.options):
        choice = dish.choices.get(sku)
        if choice is None:
            detail = _("%(dish)s has no option %(sku)s.") % {"dish": dish.name, "sku": sku}
            yield Refusal(f"{pointer}/{position}", "unknown_option", detail)
        elif sku in chosen:
            detail = _("The option %(sku)s is chosen twice.") % {"sku": sku}
            yield Refusal(f"{pointer}/{position}", "duplicate_option", detail)
        else:
            chosen[sku] = choice
    yield from _miscounts(chosen, dish, pointer)


def _miscounts(chosen: Mapping[str, Choice], dish: Dish, pointer: str) -> Iterator[Refusal]:
    counts = [0] * len(dish.groups)
    for choice in chosen.values():
        counts[choice.group] += 1
    for group, count in zip(dish.groups, counts, strict=True):
        if count < group.min:
            detail = _("%(group)s: choose at least %(count)d.")
            detail %= {"group": group.name, "count": group.min}
            yield Refusal(pointer, "too_few_options", detail)
        if count > group.max:
            detail = _("%(group)s: choose at most %(count)d.")
            detail %= {"group": group.name, "count": group.max}
            yield Refusal(pointer, "too_many_options", detail)
