"""What the board shows, read in a fixed number of statements however much there is of it.

Ages and thresholds are given as times (UTC) and seconds of the clock on the wall: a simulation's
speed is taken out of them here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, QuerySet

from delivery import services
from delivery.models import Courier, Delivery
from restaurant.boards.notes import is_allergy
from restaurant.boards.words import clock

Status = Delivery.Status
OPEN = (Status.AWAITING_COURIER, Status.ASSIGNED, Status.OUT_FOR_DELIVERY)
WAITING, ASSIGNED, ROAD, FAILED = COLUMNS = ("waiting", "assigned", "road", "failed")
# Cards of a status at most: more than somebody can read.
MOST = 100
# Food that has stood this long, at speed 1, gets cold; then it is cold.
SLOW_AFTER, LATE_AFTER = timedelta(minutes=5), timedelta(minutes=10)
# A way that takes so many times what it should is late.
LATE_WAYS = 1.5
SHOWN_GIVEN_UP = timedelta(hours=3)
MOST_GIVEN_UP = 30


@dataclass(frozen=True)
class Card:
    """A delivery as a dispatcher sees it."""

    delivery: Delivery
    now: datetime

    @property
    def column(self) -> str:
        status = self.delivery.status
        if status in Delivery.GIVEN_UP:
            return FAILED
        if status == Status.AWAITING_COURIER:
            return FAILED if self.is_second else WAITING
        return ASSIGNED if status == Status.ASSIGNED else ROAD

    @property
    def is_second(self) -> bool:
        return self.delivery.attempt > 1

    @property
    def is_open(self) -> bool:
        return self.delivery.status in OPEN

    @property
    def is_driven_by_hand(self) -> bool:
        courier = self.delivery.courier
        return courier is not None and courier.mode == Courier.Mode.MANUAL

    @property
    def is_allergy(self) -> bool:
        return is_allergy(self.delivery.note)

    @property
    def since(self) -> datetime:
        """Since when the food stands, or is on the road, or the delivery has ended."""
        if self.column == ROAD and self.delivery.dispatched_at:
            return self.delivery.dispatched_at
        if not self.is_open and self.delivery.failed_at:
            return self.delivery.failed_at
        return self.delivery.standing_since

    @property
    def expected_at(self) -> datetime | None:
        """When the courier should be at the door."""
        left_at = self.delivery.dispatched_at if self.column == ROAD else None
        return left_at and left_at + services.travel_time()

    @property
    def slow_after(self) -> float:
        """Seconds after which it is slow."""
        return _seconds(1, SLOW_AFTER, self.column)

    @property
    def late_after(self) -> float:
        return _seconds(LATE_WAYS, LATE_AFTER, self.column)

    @property
    def age(self) -> float:
        """Seconds since `since`."""
        return (self.now - self.since).total_seconds()

    @property
    def age_text(self) -> str:
        return clock(self.age)

    @property
    def pace(self) -> str:
        """Say "late", "slow" or nothing."""
        if not self.is_open:
            return ""
        if self.age >= self.late_after:
            return "late"
        return "slow" if self.age >= self.slow_after else ""

    @property
    def place(self) -> str:
        """Where it stands in its column: the oldest first, what has ended last and newest first."""
        moment = int(self.since.timestamp() * 1000)
        return f"1{moment:015d}" if self.is_open else f"2{10**15 - moment:015d}"


@dataclass(frozen=True)
class Person:
    """A courier as a dispatcher sees them."""

    courier: Courier
    now: datetime
    # Deliveries they have, and how many of those are not picked up yet.
    load: int = 0
    assigned: int = 0
    # None while they are here.
    back_at: datetime | None = None

    @property
    def is_full(self) -> bool:
        return self.courier.load_limit is not None and self.load >= self.courier.load_limit

    @property
    def is_late(self) -> bool:
        return self.back_at is not None and self.back_at < self.now


def cards(*, now: datetime, orders: Collection[UUID] | None = None) -> list[Card]:
    """Give the cards of some orders, or of all, in the order in which a column shows them."""
    shown = Delivery.objects.select_related("courier", "failed_courier")
    if orders is not None:
        shown = shown.filter(order_id__in=orders)
    found = [row for status in OPEN for row in shown.filter(status=status).order_by("id")[:MOST]]
    found += _given_up(shown, now)
    return sorted((Card(row, now) for row in found), key=lambda card: card.place)


def card(delivery_id: int, *, now: datetime) -> Card | None:
    """Give the card of a delivery; None for one that is delivered."""
    row = Delivery.objects.select_related("courier", "failed_courier").get(pk=delivery_id)
    return None if row.status == Status.DELIVERED else Card(row, now)


def people(*, now: datetime) -> list[Person]:
    """Give the couriers by name, those on shift first."""
    loads: dict[UUID, dict[str, int]] = {}
    carried = Delivery.objects.filter(status__in=Delivery.CARRIED).order_by()
    for who, status, count in carried.values_list("courier_id", "status").annotate(Count("id")):
        loads.setdefault(who, {})[status] = count
    back = services.when_back(now=now)
    return [
        Person(
            courier=courier,
            now=now,
            load=sum(loads.get(courier.pk, {}).values()),
            assigned=loads.get(courier.pk, {}).get(Status.ASSIGNED, 0),
            back_at=back.get(courier.pk),
        )
        for courier in Courier.objects.order_by("-on_shift", "name", "id")
    ]


def hidden() -> dict[str, int]:
    """Count by column what is there beside the cards that `cards` gives."""
    counts = dict(
        Delivery.objects.filter(status__in=OPEN)
        .order_by()
        .values_list("status")
        .annotate(Count("id"))
    )
    columns = {
        WAITING: Status.AWAITING_COURIER,
        ASSIGNED: Status.ASSIGNED,
        ROAD: Status.OUT_FOR_DELIVERY,
    }
    return {column: max(counts.get(status, 0) - MOST, 0) for column, status in columns.items()}


def _seconds(ways: float, standing: timedelta, column: str) -> float:
    allowed = (
        ways * services.travel_time() if column == ROAD else standing / settings.SIMULATION_SPEED
    )
    return float(allowed.total_seconds())


def _given_up(shown: QuerySet[Delivery], now: datetime) -> QuerySet[Delivery]:
    lately = shown.filter(failed_at__gt=now - SHOWN_GIVEN_UP, status__in=Delivery.GIVEN_UP)
    return lately.order_by(F("failed_at").desc())[:MOST_GIVEN_UP]
