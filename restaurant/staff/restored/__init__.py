"""Bringing a service up to date whose database was set back to an older copy.

What it did since then it told others, and orders' timelines have it, with the ids of the events. So
its book is written forward to there, and it does nothing twice. What nobody was told of is done
anew.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from delivery.models import Delivery
from kitchen.models import KitchenOrder
from orders.models import TimelineEntry
from restaurant.messaging import restored
from restaurant.staff.restored import delivery, kitchen
from restaurant.staff.restored.told import CANCEL_REQUESTED, Known, Memory, known

CHUNK = 500
_Recall = Callable[[Sequence[Known], datetime], tuple[int, Sequence[Memory]]]
# Orders cannot: only its own database knows what was ordered, by whom, for how much.
RECALLED: Mapping[str, tuple[frozenset[str], _Recall]] = {
    "kitchen": (kitchen.TOPICS, kitchen.recall),
    "delivery": (delivery.TOPICS, delivery.recall),
}


def catch_up(service: str, *, now: datetime) -> int:
    """Write a restored service's book forward, as far as orders' timelines know.

    To be called while the service's workers are stopped, and when orders has read all that the
    service said. Gives how many of its orders were behind. What others told it meanwhile is for
    `republish`.
    """
    topics, recall = RECALLED[service]
    behind = 0
    for orders in known(topics, without=_settled(service), chunk=CHUNK):
        with transaction.atomic(using=service):
            count, memories = recall(orders, now)
            heard = [event for memory in memories for event in memory.heard]
            said = [event for memory in memories for event in memory.said]
            restored.remember(service, heard, said, now=now)
        behind += count
    return behind


def _settled(service: str) -> Callable[[Sequence[UUID]], set[UUID]]:
    """Tell of which orders the service's own book has all."""
    return _settled_in_kitchen if service == "kitchen" else _settled_in_delivery


def _settled_in_kitchen(ids: Sequence[UUID]) -> set[UUID]:
    # Without a number it is a tombstone, whose order the kitchen has yet to hear of.
    ended = KitchenOrder.objects.exclude(status__in=KitchenOrder.UNFINISHED).exclude(number=None)
    found = ended.filter(order_id__in=list(ids)).order_by().values_list("order_id", flat=True)
    # A wish to cancel may have come when all was cooked.
    asked = TimelineEntry.objects.filter(order__public_id__in=list(ids), type=CANCEL_REQUESTED)
    return set(found) - set(asked.order_by().values_list("order__public_id", flat=True))


def _settled_in_delivery(ids: Sequence[UUID]) -> set[UUID]:
    ended = Delivery.objects.filter(status__in=(Delivery.Status.DELIVERED, *Delivery.GIVEN_UP))
    return set(ended.filter(order_id__in=list(ids)).order_by().values_list("order_id", flat=True))
