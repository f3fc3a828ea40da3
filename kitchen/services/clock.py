"""The timer: finishes what is due and starts what there is room for."""

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kitchen.models import Station, Ticket
from kitchen.services.moves import (
    FINISHABLE_FIELDS,
    STARTABLE_FIELDS,
    Finishable,
    Startable,
    finish,
    start,
)
from kitchen.services.stations import room_at
from kitchen.services.turns import Turn, take_turn

# Finishing makes room and starting may make something due at once, so a tick goes around a few
# times: dishes without preparation time are cooked in the tick that starts them.
ROUNDS = 3


def cook(*, now: datetime, limit: int) -> int:
    """Finish tickets that are due and start queued ones, oldest first; gives how many moves.

    Tickets of automatic and manual stations start alike, as soon as there is room; at a manual
    station they then wait to be bumped. Several workers may do it at once: a row that another one
    holds is left to that one.
    """
    if not (due(now).only("id").first() or _startable_stations().exists()):
        return 0
    moves = 0
    with take_turn(now=now) as turn:
        for _ in range(ROUNDS):
            before = moves
            moves += _finish_due(turn, limit - moves)
            moves += _start_queued(turn, limit - moves)
            if moves in (before, limit):
                break
    return moves


def due(now: datetime) -> QuerySet[Ticket]:
    """Give the tickets that the timer is to finish, the latest first."""
    # The order makes the index be used; exists() would drop it, and may read the whole table.
    return Ticket.objects.filter(due_at__lte=now).order_by("due_at")


def _finish_due(turn: Turn, limit: int) -> int:
    # Locks the tickets and their orders. It never waits for a lock, and so cannot deadlock.
    rows = (
        due(turn.now)
        .select_for_update(no_key=True, skip_locked=True)
        .values_list(*FINISHABLE_FIELDS)[:limit]
    )
    finishable = [Finishable._make(row) for row in rows]
    finish(finishable, turn)
    return len(finishable)


def _start_queued(turn: Turn, limit: int) -> int:
    # Who starts a ticket holds its station, so what is counted after the lock stays true.
    stations = list(_startable_stations().select_for_update(no_key=True, skip_locked=True))
    room = room_at(stations)
    queued: list[Startable] = []
    for left, station in zip(range(len(stations), 0, -1), stations, strict=True):
        # What is left of the limit, shared: a long queue at one station starves no other.
        share = (limit - len(queued)) // left
        queued += _head_of_queue(station, min(room[station.pk], share))
    start(queued, turn)
    return len(queued)


def _startable_stations() -> QuerySet[Station]:
    """Give the stations that have a queue and, as far as can be seen without a lock, room."""
    here = Ticket.objects.filter(station=OuterRef("pk")).order_by()
    counted = here.filter(status=Ticket.Status.COOKING).values("station").annotate(n=Count("id"))
    return Station.objects.filter(
        Exists(here.filter(status=Ticket.Status.QUEUED)),
        Q(capacity=None) | Q(capacity__gt=Coalesce(Subquery(counted.values("n")), 0)),
    )


def _head_of_queue(station: Station, count: int) -> list[Startable]:
    if count < 1:
        return []
    rows = (
        Ticket.objects.filter(station=station, status=Ticket.Status.QUEUED)
        .order_by("id")
        .select_for_update(no_key=True, skip_locked=True)
        .values_list(*STARTABLE_FIELDS)[:count]
    )
    return [Startable(station, *row) for row in rows]
