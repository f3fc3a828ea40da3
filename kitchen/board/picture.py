"""What the board shows, read in a fixed number of statements however much there is of it.

Ages and thresholds are given as times (UTC) and seconds of the clock on the wall: a simulation's
speed is taken out of them here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, QuerySet

from kitchen.models import KitchenOrder, Station, Ticket
from restaurant.boards.notes import is_allergy
from restaurant.boards.words import clock

Status = Ticket.Status
OPEN = (Status.QUEUED, Status.COOKING)
# Cards at most: more than a kitchen can read, and as many as a page can move at once.
MOST = 400
# A cancel that no cook took note of is shown for a shift.
SHOWN_CANCELLED = timedelta(hours=8)
LAST_BUMPED = 20
# Nothing that was bumped before is recalled from a board. Without an end, a station where little is
# cooked would be looked for among all tickets that were ever done.
SHOWN_BUMPED = timedelta(hours=8)


@dataclass(frozen=True)
class Line:
    """A dish of a ticket."""

    sku: str
    name: str
    quantity: int
    options: list[str]
    note: str

    @property
    def is_allergy(self) -> bool:
        return is_allergy(self.note)


@dataclass(frozen=True)
class Elsewhere:
    """A ticket of the same order at another station."""

    station: str
    status: str


@dataclass(frozen=True)
class Card:
    """A ticket as a cook sees it."""

    id: int
    order_id: UUID
    number: int | None
    station: Station
    status: str
    lines: list[Line]
    note: str
    reason: str
    queued_at: datetime
    due_at: datetime | None
    # Seconds after which it is slow, and late.
    slow_after: float
    late_after: float
    now: datetime
    elsewhere: list[Elsewhere] = field(default_factory=list)

    @property
    def age(self) -> float:
        return (self.now - self.queued_at).total_seconds()

    @property
    def age_text(self) -> str:
        return clock(self.age)

    @property
    def pace(self) -> str:
        """Say "late", "slow" or nothing."""
        if self.status == Status.CANCELLED:
            return ""
        if self.age >= self.late_after:
            return "late"
        return "slow" if self.age >= self.slow_after else ""

    @property
    def is_allergy(self) -> bool:
        return is_allergy(self.note)

    @property
    def waits_for(self) -> list[Elsewhere]:
        return [other for other in self.elsewhere if other.status in OPEN]


@dataclass(frozen=True)
class Missing:
    """A ticket that an order still waits for, and when it should be done."""

    station: str
    status: str
    expected_at: datetime


@dataclass(frozen=True)
class Pass:
    """An order of which a part stands at the pass already."""

    order_id: UUID
    number: int | None
    done: list[str]
    missing: list[Missing]
    # Since its first ticket was done: the food gets cold.
    stands_since: datetime
    is_late: bool


@dataclass(frozen=True)
class Bumped:
    """A ticket that was bumped lately."""

    id: int
    order_id: UUID
    number: int | None
    station: str
    dishes: str
    done_at: datetime
    by: str
    can_recall: bool


def cards(
    *, now: datetime, station: str = "", orders: Collection[UUID] | None = None
) -> list[Card]:
    """Give the cards of a station (its code) or of all, oldest first; of some orders, or of all."""
    shown = Ticket.objects.select_related("station", "order")
    if station:
        shown = shown.filter(station__code=station)
    if orders is not None:
        shown = shown.filter(order_id__in=orders)
    cancelled = shown.filter(
        cancelled_at__isnull=False,
        acknowledged_at__isnull=True,
        cancelled_at__gte=now - SHOWN_CANCELLED,
    )
    open_ = shown.filter(status__in=OPEN).order_by("queued_at", "id")
    tickets = [*open_[:MOST], *cancelled.order_by("cancelled_at")[:MOST]]
    others = _elsewhere({ticket.order_id for ticket in tickets})
    found = [_card(ticket, others[ticket.order_id], now) for ticket in tickets]
    return sorted(found, key=lambda card: (card.queued_at, card.id))[:MOST]


def count_open(*, station: str = "") -> int:
    """Count the tickets that wait or cook, at a station or at all."""
    open_ = Ticket.objects.filter(status__in=OPEN)
    return (open_.filter(station__code=station) if station else open_).count()


def stations() -> list[Any]:
    """Give the stations by name, each with `open_count`, its tickets that wait or cook."""
    counts = dict(
        Ticket.objects.filter(status__in=OPEN)
        .order_by()
        .values_list("station_id")
        .annotate(open_count=Count("id"))
    )
    found = list(Station.objects.order_by("name", "id"))
    for station in found:
        station.open_count = counts.get(station.pk, 0)  # type: ignore[attr-defined]
    return found


def passes(*, now: datetime) -> list[Pass]:
    """Give the orders whose tickets are partly done, those that stand longest first."""
    partly = KitchenOrder.objects.filter(status=KitchenOrder.Status.COOKING)
    tickets: dict[UUID, list[Ticket]] = defaultdict(list)
    done = Ticket.objects.filter(status=Status.DONE, order__in=partly).values("order_id")
    for ticket in _of_orders(partly.filter(pk__in=done)):
        tickets[ticket.order_id].append(ticket)
    found = [_pass(group, now) for group in tickets.values()]
    return sorted(found, key=lambda one: one.stands_since)


def last_bumped(*, now: datetime, station: str = "") -> list[Bumped]:
    """Give the last tickets that were bumped or that the timer finished, newest first."""
    done = Ticket.objects.filter(done_at__gte=now - SHOWN_BUMPED)
    done = done.select_related("station", "order")
    if station:
        done = done.filter(station__code=station)
    return [_bumped(ticket) for ticket in done.order_by("-done_at")[:LAST_BUMPED]]


def _elsewhere(order_ids: Collection[UUID]) -> dict[UUID, list[tuple[int, Elsewhere]]]:
    found: dict[UUID, list[tuple[int, Elsewhere]]] = defaultdict(list)
    rows = Ticket.objects.filter(order_id__in=order_ids).order_by("id")
    for order_id, pk, name, status in rows.values_list("order_id", "id", "station__name", "status"):
        found[order_id].append((pk, Elsewhere(name, status)))
    return found


def _card(ticket: Ticket, others: Iterable[tuple[int, Elsewhere]], now: datetime) -> Card:
    order, station = ticket.order, ticket.station
    return Card(
        id=ticket.pk,
        order_id=order.pk,
        number=order.number,
        station=station,
        status=ticket.status,
        lines=_lines(ticket),
        note=order.note,
        reason=order.reason,
        queued_at=ticket.queued_at,
        due_at=ticket.due_at,
        slow_after=station.warn_after_seconds / settings.SIMULATION_SPEED,
        late_after=station.late_after_seconds / settings.SIMULATION_SPEED,
        now=now,
        elsewhere=[other for pk, other in others if pk != ticket.pk],
    )


def _lines(ticket: Ticket) -> list[Line]:
    return [
        Line(
            sku=line.get("sku", ""),
            name=line["name"],
            quantity=line["quantity"],
            options=line.get("options", []),
            note=line.get("note", ""),
        )
        for line in ticket.lines
    ]


def _of_orders(orders: QuerySet[KitchenOrder]) -> QuerySet[Ticket]:
    return Ticket.objects.filter(order__in=orders).select_related("station", "order").order_by("id")


def _pass(tickets: Sequence[Ticket], now: datetime) -> Pass:
    order = tickets[0].order
    done = [ticket for ticket in tickets if ticket.status == Status.DONE]
    open_ = [ticket for ticket in tickets if ticket.status in OPEN]
    missing = [
        Missing(ticket.station.name, ticket.status, _expected_at(ticket, now)) for ticket in open_
    ]
    return Pass(
        order_id=order.pk,
        number=order.number,
        done=[ticket.station.name for ticket in done],
        missing=missing,
        stands_since=min(ticket.done_at or now for ticket in done),
        is_late=any(
            one.expected_at - ticket.queued_at > _allowed(ticket)
            for one, ticket in zip(missing, open_, strict=True)
        ),
    )


def _expected_at(ticket: Ticket, now: datetime) -> datetime:
    """Tell when a ticket should be done: its timer's time, or its preparation time from its start.

    Never in the past; a queued one is reckoned from now on.
    """
    if ticket.due_at:
        return max(ticket.due_at, now)
    takes = timedelta(seconds=ticket.preparation_seconds / settings.SIMULATION_SPEED)
    return max((ticket.started_at or now) + takes, now)


def _allowed(ticket: Ticket) -> timedelta:
    return timedelta(seconds=ticket.station.late_after_seconds / settings.SIMULATION_SPEED)


def _bumped(ticket: Ticket) -> Bumped:
    order = ticket.order
    assert ticket.done_at  # noqa: S101 - the query asks for it
    return Bumped(
        id=ticket.pk,
        order_id=order.pk,
        number=order.number,
        station=ticket.station.name,
        dishes=", ".join(f"{line['quantity']} × {line['name']}" for line in ticket.lines),  # noqa: RUF001
        done_at=ticket.done_at,
        by=ticket.moved_by,
        can_recall=order.status == KitchenOrder.Status.COOKING,
    )
