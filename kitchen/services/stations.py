"""Stations: opening, closing, setting, and making those that the menu names."""

import sys
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count

from kitchen.errors import UnknownStation
from kitchen.models import KitchenOrder, Station, Ticket
from kitchen.services.moves import due_at
from kitchen.services.turns import Turn, take_turn
from restaurant import bulk, trail

Status = KitchenOrder.Status


def set_station_open(*, code: str, is_open: bool, now: datetime) -> None:
    """Open or close a station.

    A closed one takes no new orders; the tickets it has are cooked. Raises `UnknownStation`.
    """
    with take_turn(now=now) as turn:
        station = Station.objects.select_for_update(no_key=True).filter(code=code).first()
        if station is None:
            raise UnknownStation(code)
        trail.changing(station)
        station.is_open = is_open
        station.save(update_fields=["is_open"])
        turn.touch(stations=[code])


def save_station(station: Station, *, changed: Collection[str] | None, now: datetime) -> None:
    """Save a new station, or of one that is there what was changed.

    With its mode, the timer takes over what cooks there, or leaves it to staff.
    """
    with take_turn(now=now) as turn:
        station.save(update_fields=changed)
        turn.touch(stations=[station.code])
        if changed and "mode" in changed:
            _retime(station, turn)


def find_or_make_stations(codes: Collection[str]) -> dict[str, Station]:
    """Give stations by code; one not seen before is automatic, open and without limit."""
    found = _find(codes)
    missing = sorted(set(codes) - found.keys())
    if missing:
        bulk.insert(
            Station,
            ("code", "name", "mode", "is_open"),
            [(code, code, Station.Mode.AUTOMATIC.value, True) for code in missing],
            using="kitchen",
            ignore_conflicts=True,
        )
        found |= _find(missing)
    return found


def room_at(stations: Collection[Station]) -> dict[int, int]:
    """Tell how many more tickets can start at each station, by its key.

    Less than none after a recall: it takes no room into account. True as long as the caller
    holds the stations' locks.
    """
    limited = {s.pk: s.capacity for s in stations if s.capacity is not None}
    cooking = (
        Ticket.objects.filter(station_id__in=limited, status=Ticket.Status.COOKING)
        .order_by()
        .values_list("station_id")
        .annotate(Count("id"))
    )
    taken = dict(cooking) if limited else {}
    return {
        s.pk: s.capacity - taken.get(s.pk, 0) if s.capacity is not None else sys.maxsize
        for s in stations
    }


def _retime(station: Station, turn: Turn) -> None:
    """Have the timer finish cooking tickets after their whole time from now, or leave it to staff.

    It is no move: who made the last one stays named.
    """
    # Those whose ticket here is done too: a recall reads the mode under its order's lock.
    under_way = KitchenOrder.objects.filter(tickets__station=station, status=Status.COOKING)
    locked = under_way.order_by("order_id").select_for_update(no_key=True, of=("self",))
    list(locked.values_list("pk"))
    cooking = Ticket.objects.filter(station=station, status=Ticket.Status.COOKING)
    bulk.update(
        Ticket,
        "id",
        ("due_at",),
        [(t.pk, due_at(station, t.preparation_seconds, now=turn.now)) for t in cooking],
        using="kitchen",
    )
    turn.touch(orders=(t.order_id for t in cooking))


def _find(codes: Collection[str]) -> dict[str, Station]:
    return {station.code: station for station in Station.objects.filter(code__in=codes)}
