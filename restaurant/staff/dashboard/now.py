"""How things stand now, read from the services' books: each part by a few statements."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q, QuerySet, Sum

from delivery.models import Courier, Delivery
from kitchen.models import Station, Ticket
from orders.late import is_late
from orders.models import Order, RefusalCount
from orders.refusals import slot_of
from orders.services import unfinished_orders
from restaurant.staff import books
from restaurant.staff.dashboard import hours
from restaurant.staff.dashboard.totals import AWAY, NOT_HERE
from restaurant.staff.reasons import reasons

LATE_SHOWN = 6
LATELY = timedelta(hours=1)
IN_FLIGHT = (
    Order.Status.PLACED,
    Order.Status.ACCEPTED,
    Order.Status.COOKING,
    Order.Status.COOKED,
    Order.Status.OUT_FOR_DELIVERY,
)
OPEN = (Ticket.Status.QUEUED, Ticket.Status.COOKING)


@dataclass(frozen=True)
class Late:
    """An order that does not get on, and why."""

    order: Order
    reason: str
    waits_since: datetime


@dataclass(frozen=True)
class Flight:
    """Orders that have not ended."""

    by_status: dict[Order.Status, int]
    late_count: int
    late: list[Late]

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


@dataclass(frozen=True)
class Queue:
    """What waits and cooks at a station."""

    station: Station
    queued: int
    cooking: int
    oldest: datetime | None
    # "late", "slow" or nothing, by the station's own limits.
    pace: str


@dataclass(frozen=True)
class Ride:
    """A courier on shift."""

    courier: Courier
    carries: int
    on_the_road_since: datetime | None


@dataclass(frozen=True)
class Road:
    """Couriers on shift, and what waits for one."""

    rides: list[Ride]
    waiting: int
    oldest_waiting: datetime | None

    @property
    def out(self) -> list[Ride]:
        return [ride for ride in self.rides if ride.on_the_road_since]


@dataclass(frozen=True)
class Refused:
    """Requests for orders that were refused, by reason, most first."""

    since: datetime
    lately: dict[str, int]
    today: dict[str, int]


@dataclass(frozen=True)
class Now:
    """Everything at once; a part that is not known is None, and `unknown` says why."""

    at: datetime
    flight: Flight | None = None
    queues: list[Queue] | None = None
    road: Road | None = None
    refused: Refused | None = None
    # By service.
    unknown: dict[str, str] = field(default_factory=dict)


def look(*, now: datetime) -> Now:
    """Read how things stand; `now` is UTC. A book that cannot be read is left out, and named."""
    found: dict[str, Any] = {}
    unknown: dict[str, str] = {}
    parts: dict[str, tuple[str, Callable[[datetime], Any]]] = {
        "flight": ("orders", _flight),
        "refused": ("orders", _refused),
        "queues": ("kitchen", _queues),
        "road": ("delivery", _road),
    }
    for name, (service, read) in parts.items():
        if not books.has(service):
            unknown[service] = NOT_HERE
            continue
        try:
            found[name] = read(now)
        except DatabaseError:
            unknown[service] = AWAY
    return Now(at=now, unknown=unknown, **found)


def _flight(now: datetime) -> Flight:
    # By their names, for which there is an index: by their rank a million are read to group them.
    in_flight = Order.objects.filter(status__in=IN_FLIGHT).order_by()
    counts = dict(in_flight.values_list("status").annotate(Count("id")))
    late = late_orders(now)
    shown = list(late[:LATE_SHOWN])
    why = reasons(shown, now=now) if shown else {}
    return Flight(
        by_status={status: counts.get(status, 0) for status in IN_FLIGHT},
        late_count=len(shown) if len(shown) < LATE_SHOWN else late.count(),
        late=[
            Late(order, why.get(order.public_id, order.overdue_reason), order.updated_at)
            for order in shown
        ],
    )


def late_orders(now: datetime) -> QuerySet[Order]:
    """Give the orders whose next event is late, those that wait longest first."""
    return unfinished_orders().filter(is_late(now))


def _queues(now: datetime) -> list[Queue]:
    cooking = Count("id", filter=Q(status=Ticket.Status.COOKING))
    rows = Ticket.objects.filter(status__in=OPEN).order_by().values_list("station_id")
    found = {
        pk: (count, hot, oldest)
        for pk, count, hot, oldest in rows.annotate(
            all=Count("id"), cooking=cooking, oldest=Min("queued_at")
        )
    }
    queues = []
    for station in Station.objects.order_by("name", "id"):
        count, hot, oldest = found.get(station.pk, (0, 0, None))
        queues.append(Queue(station, count - hot, hot, oldest, _pace(station, oldest, now)))
    return queues


def _pace(station: Station, oldest: datetime | None, now: datetime) -> str:
    waits = (now - oldest).total_seconds() * settings.SIMULATION_SPEED if oldest else 0
    if waits >= station.late_after_seconds:
        return "late"
    return "slow" if waits >= station.warn_after_seconds else ""


def _road(now: datetime) -> Road:
    out = Q(status=Delivery.Status.OUT_FOR_DELIVERY)
    carried = {
        pk: (count, since)
        for pk, count, since in Delivery.objects.filter(status__in=Delivery.CARRIED)
        .order_by()
        .values_list("courier_id")
        .annotate(count=Count("id"), since=Min("dispatched_at", filter=out))
    }
    couriers = Courier.objects.filter(Q(on_shift=True) | Q(pk__in=carried)).order_by("name", "id")
    waiting = Delivery.objects.filter(waiting_since__isnull=False).aggregate(
        count=Count("id"), oldest=Min("waiting_since")
    )
    rides = [Ride(courier, *carried.get(courier.pk, (0, None))) for courier in couriers]
    return Road(rides, waiting["count"], waiting["oldest"])


def _refused(now: datetime) -> Refused:
    since = slot_of(now - LATELY)
    midnight = hours.start_of(hours.day_of(now))
    rows = (
        RefusalCount.objects.filter(at__gte=min(since, midnight), at__lte=now)
        .order_by()
        .values_list("code")
        .annotate(
            lately=Sum("count", filter=Q(at__gte=since), default=0),
            today=Sum("count", filter=Q(at__gte=midnight), default=0),
        )
    )
    found = sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))
    return Refused(
        since,
        lately={code: lately for code, lately, _ in found if lately},
        today={code: today for code, _, today in found if today},
    )
