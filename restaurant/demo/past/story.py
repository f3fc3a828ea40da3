"""What became of an order: told once, for every service to write down its part.

Moments are seconds since 1970. A story ends with its last event or now, whatever is first.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from delivery.models import Courier
from kitchen.events import Code
from orders.models import Order
from restaurant.demo.carts import NOTES, STREETS
from restaurant.demo.past.ground import Customer, Ground, Meal, Part
from restaurant.demo.past.moments import new_id
from restaurant.staff.audit import checks

REASONS = ("changed my mind", "ordered twice", "wrong address", "takes too long", "")
NOBODY = "nobody at home"
MINUTE = 60.0
# One in so many orders: is cancelled, is rejected, cannot be delivered.
CANCELLED, REJECTED, FAILED = 50, 400, 97
S = Order.Status


class Event(NamedTuple):
    """Something that a service decided, at a moment; `id` has 32 digits, `detail` is JSON."""

    topic: str
    source: str
    at: float
    id: str
    status: str = ""
    detail: str = "{}"


class Cooking(NamedTuple):
    """A ticket of the order: what its station cooks, from when, until when."""

    part: Part
    start: float
    done: float


class Try(NamedTuple):
    """A courier's way to the customer."""

    courier: Courier
    assigned: float
    left: float
    ended: float


@dataclass(slots=True)
class Story:
    """An order's life. `status` is what the orders service says of it now."""

    number: int
    id: str
    placed: float
    now: float
    customer: Customer
    meal: Meal
    address: str
    note: str
    dice: int
    # Why the kitchen or its customer did not want it; empty, too, where nobody said.
    reason: str = ""
    cancelled: float | None = None
    tickets: list[Cooking] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    status: str = S.PLACED

    @property
    def is_rejected(self) -> bool:
        return self.dice % REJECTED == 1

    @property
    def is_refused_at_the_door(self) -> bool:
        return self.dice % FAILED == 2

    @property
    def queued(self) -> float:
        """When the kitchen had it."""
        return self.placed + 0.6

    @property
    def cooked(self) -> float:
        return max(ticket.done for ticket in self.tickets)

    @property
    def correlation_id(self) -> str:
        """The id of the request that placed it."""
        return f"fill-{self.number}"

    @property
    def wants_cancel(self) -> bool:
        """Whether it is one that is cancelled before anybody cooks."""
        return self.dice % CANCELLED == 0 and not self.is_rejected

    def last(self, source: str) -> float:
        """Give when a service last decided something on it."""
        return max(e.at for e in self.events if e.source == source)


def tell(number: int, placed: float, now: float, ground: Ground, chance: Random) -> Story:
    """Make up an order that was placed at a moment, and what became of it until `now`."""
    dice = chance.getrandbits(40)
    customer = ground.customers[dice % len(ground.customers)]
    story = Story(
        number=number,
        id=new_id(placed, chance),
        placed=placed,
        now=now,
        customer=customer,
        meal=ground.meals[dice % len(ground.meals)],
        address=f"{1 + dice % 120} {STREETS[dice % len(STREETS)]}",
        note=NOTES[dice // 7 % len(NOTES)],
        dice=dice,
    )
    _happen(story, checks.CREATED, "orders", placed, chance, S.PLACED)
    if story.is_rejected:
        _reject(story, chance)
    elif story.wants_cancel:
        _cancel(story, chance)
    else:
        _cook(story, chance)
        _deliver(story, ground, chance)
    return story


def _happen(
    story: Story,
    topic: str,
    source: str,
    at: float,
    chance: Random,
    status: str = "",
    detail: str = "{}",
) -> None:
    """Have an event in the story, unless it is still to come."""
    if at <= story.now:
        story.events.append(Event(topic, source, at, new_id(at, chance), status, detail))
        story.status = status or story.status


def _reject(story: Story, chance: Random) -> None:
    station = story.meal.parts[0].station
    story.reason = f"closed: {station.name}"
    refusal = f'"code": "{Code.STATION_CLOSED}", "reason": "{story.reason}"'
    detail = f'{{{refusal}, "stations": ["{station.code}"]}}'
    _happen(story, checks.REJECTED, "kitchen", story.queued, chance, S.REJECTED, detail)


def _accept(story: Story, chance: Random) -> None:
    codes = ", ".join(f'"{part.station.code}"' for part in story.meal.parts)
    detail = f'{{"stations": [{codes}]}}'
    _happen(story, checks.ACCEPTED, "kitchen", story.queued, chance, S.ACCEPTED, detail)


def _cancel(story: Story, chance: Random) -> None:
    """Have it cancelled before anybody cooks."""
    _accept(story, chance)
    story.reason = REASONS[story.dice // 3 % len(REASONS)]
    detail = f'{{"reason": "{story.reason}"}}' if story.reason else "{}"
    asked = story.queued + 10 + story.dice % 40
    _happen(story, checks.CANCEL_REQUESTED, "orders", asked, chance, "", detail)
    _happen(story, checks.CANCELLED, "kitchen", asked + 0.5, chance, S.CANCELLED, detail)
    story.tickets = [Cooking(part, asked + 1, asked + 1) for part in story.meal.parts]
    if asked + 0.5 <= story.now:
        story.cancelled = asked + 0.5


def _cook(story: Story, chance: Random) -> None:
    _accept(story, chance)
    start = story.queued + 5 + chance.random() * 3 * MINUTE
    for part in story.meal.parts:
        story.tickets.append(Cooking(part, start, start + part.seconds))
        start += chance.random() * MINUTE
    first = story.tickets[0]
    detail = f'{{"station": "{first.part.station.code}"}}'
    _happen(story, checks.COOKING, "kitchen", first.start, chance, S.COOKING, detail)
    _happen(story, checks.COOKED, "kitchen", story.cooked, chance, S.COOKED)


def _deliver(story: Story, ground: Ground, chance: Random) -> None:
    free, tries = story.cooked + 1, 2 if story.is_refused_at_the_door else 1
    for attempt in range(1, tries + 1):
        left = free + MINUTE + chance.random() * 4 * MINUTE
        ended = left + 6 * MINUTE + chance.random() * 15 * MINUTE
        courier = ground.couriers[(story.dice // 11 + attempt) % len(ground.couriers)]
        story.tries.append(Try(courier, free, left, ended))
        eta = datetime.fromtimestamp(left + 15 * MINUTE, UTC).isoformat(timespec="seconds")
        detail = f'{{"courier": "{courier.name}", "attempt": {attempt}, "eta": "{eta[:19]}Z"}}'
        _happen(story, checks.DISPATCHED, "delivery", left, chance, S.OUT_FOR_DELIVERY, detail)
        free = ended + 1
    if tries == 1:
        detail = '{"attempt": 1}'
        _happen(story, checks.DELIVERED, "delivery", ended, chance, S.DELIVERED, detail)
    else:
        detail = f'{{"reason": "{NOBODY}", "attempts": {tries}}}'
        _happen(story, checks.DELIVERY_FAILED, "delivery", ended, chance, S.DELIVERY_FAILED, detail)
