"""Who carries what: the least loaded courier on shift."""

import sys
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from delivery.models import Courier, Delivery
from delivery.services import moves
from delivery.services.turns import Turn


class Waiting(NamedTuple):
    """A delivery without a courier, and whose attempt at it has failed."""

    delivery_id: int
    failed_courier_id: UUID | None


def couriers_wanted(*, now: datetime) -> QuerySet[Courier]:
    """Give the couriers on shift who, as far as can be seen without a lock, have room.

    None when no delivery waits but those that staff hold.
    """
    carried = Delivery.objects.filter(courier=OuterRef("pk"), status__in=Delivery.CARRIED)
    counted = carried.order_by().values("courier").annotate(n=Count("id"))
    return Courier.objects.filter(
        Exists(_waiting(now)),
        Q(load_limit=None) | Q(load_limit__gt=Coalesce(Subquery(counted.values("n")), 0)),
        on_shift=True,
    )


def assign_waiting(turn: Turn, *, limit: int) -> int:
    """Assign waiting deliveries, oldest first, as far as there is room; gives how many."""
    # Who assigns holds the couriers, so loads counted after the lock stay true. It does not wait
    # for them: it may hold deliveries by now, and staff lock in the other order.
    couriers = list(
        Courier.objects.filter(Exists(_waiting(turn.now)), on_shift=True)
        .order_by("id")
        .select_for_update(no_key=True, skip_locked=True)
    )
    loads = loads_of(couriers)
    free = [courier for courier in couriers if room_of(courier, loads) > 0]
    room = sum(room_of(courier, loads) for courier in free)
    waiting = _head_of_queue(turn.now, min(room, limit), free, others=len(couriers) > 1)
    pairs = share_out(waiting, free, loads, others=len(couriers) > 1)
    moves.assign(pairs, turn)
    return len(pairs)


def share_out(
    waiting: Iterable[Waiting],
    couriers: Sequence[Courier],
    loads: dict[UUID, int],
    *,
    others: bool,
) -> list[tuple[int, Courier]]:
    """Give each delivery in turn to the least loaded courier with room.

    With `others` on shift, one who failed at it does not get it again: it waits.
    """
    queue = [(loads.get(c.pk, 0), place) for place, c in enumerate(couriers)]
    heapify(queue)
    pairs = []
    for delivery in waiting:
        passed = []
        while queue:
            load, place = heappop(queue)
            courier = couriers[place]
            if others and courier.pk == delivery.failed_courier_id:
                passed.append((load, place))
                continue
            pairs.append((delivery.delivery_id, courier))
            if courier.load_limit is None or load + 1 < courier.load_limit:
                passed.append((load + 1, place))
            break
        for entry in passed:
            heappush(queue, entry)
    return pairs


def loads_of(couriers: Collection[Courier]) -> dict[UUID, int]:
    """Count what each courier carries; those who carry nothing are left out."""
    if not couriers:
        return {}
    return dict(
        Delivery.objects.filter(courier__in=couriers, status__in=Delivery.CARRIED)
        .order_by()
        .values_list("courier_id")
        .annotate(Count("id"))
    )


def room_of(courier: Courier, loads: dict[UUID, int]) -> int:
    """Tell how many more deliveries the courier may carry."""
    if courier.load_limit is None:
        return sys.maxsize
    return courier.load_limit - loads.get(courier.pk, 0)


def _head_of_queue(
    now: datetime, count: int, free: Sequence[Courier], *, others: bool
) -> list[Waiting]:
    if not count:
        return []
    waiting = _waiting(now)
    if others and len(free) == 1:
        # Retries that this courier may not have would stand in front of those they may.
        waiting = waiting.exclude(failed_courier=free[0])
    rows = waiting.select_for_update(no_key=True, skip_locked=True).values_list(
        "id", "failed_courier_id"
    )[:count]
    return [Waiting._make(row) for row in rows]


def _waiting(now: datetime) -> QuerySet[Delivery]:
    # A turn may see what was freed after its own `now`; assigned at it, it would have been given
    # away before it waited. It is the next turn's.
    return Delivery.objects.filter(waiting_since__lte=now, held_by="").order_by("id")
