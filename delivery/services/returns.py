"""When couriers who are away should be back at the restaurant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Value

from delivery.models import Delivery
from delivery.services.moves import travel_time

Status = Delivery.Status


def when_back(*, now: datetime) -> dict[UUID, datetime]:
    """Give when each courier who is away should be back, in UTC; those who are here are left out.

    From the last customer's door it is one way, from the restaurant two. A time that has passed
    is that of somebody whose delivery takes longer than it should.
    """
    back: dict[UUID, datetime] = {}
    for courier_id, left_at, ways in _trips(since=now - travel_time()):
        at = left_at + ways * travel_time()
        back[courier_id] = max(at, back.get(courier_id, at))
    return back


def _trips(*, since: datetime) -> QuerySet[Delivery, Any]:
    """Give who left where when, and how many ways it is from there to the restaurant."""
    on_the_road = Delivery.objects.filter(status=Status.OUT_FOR_DELIVERY)
    delivered = Delivery.objects.filter(delivered_at__gt=since)
    failed = Delivery.objects.filter(failed_at__gt=since)
    ended = failed.filter(status__in=Delivery.GIVEN_UP)
    # Nobody was on the road with what was given up before it was picked up.
    ended = ended.filter(dispatched_at__gte=F("assigned_at"))
    tried = failed.filter(failed_courier__isnull=False).exclude(status__in=Delivery.GIVEN_UP)
    return _trip(on_the_road, "courier_id", "dispatched_at", 2).union(
        _trip(delivered, "courier_id", "delivered_at", 1),
        _trip(ended, "courier_id", "failed_at", 1),
        _trip(tried, "failed_courier_id", "failed_at", 1),
        all=True,
    )


def _trip(of: QuerySet[Delivery], who: str, when: str, ways: int) -> QuerySet[Delivery, Any]:
    return of.order_by().annotate(ways=Value(ways)).values_list(who, when, "ways")
