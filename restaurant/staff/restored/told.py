"""What the orders' book knows of what a service did."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from orders.models import Order, OrderLine, TimelineEntry
from proto import kitchen_pb2, orders_pb2
from restaurant.messaging.contracts import topic_of
from restaurant.messaging.restored import Heard, Said

CREATED = topic_of(orders_pb2.OrderCreated)
CANCEL_REQUESTED = topic_of(orders_pb2.OrderCancelRequested)
COOKED = topic_of(kitchen_pb2.OrderCooked)


class Memory(NamedTuple):
    """Events of one order that the service must have handled, and those that it sent."""

    heard: Sequence[Heard]
    said: Sequence[Said]


@dataclass
class Known:
    """An order of which the service has told something; entries in the order they happened."""

    order: Order
    timeline: list[TimelineEntry] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)

    def entries(self, *topics: str) -> list[TimelineEntry]:
        return [entry for entry in self.timeline if entry.type in topics]

    def last(self, *topics: str) -> TimelineEntry | None:
        found = self.entries(*topics)
        return found[-1] if found else None

    def heard(self, *topics: str) -> list[Heard]:
        return [Heard(entry.event_id, entry.type) for entry in self.entries(*topics)]


def known(
    topics: Collection[str],
    *,
    without: Callable[[Sequence[UUID]], set[UUID]],
    chunk: int,
) -> Iterator[list[Known]]:
    """Give the orders whose timelines tell of the topics, a chunk at a time, oldest first.

    `without` tells which of some orders need not be looked at.
    """
    last = 0
    orders = Order.objects.order_by("pk")
    while found := list(orders.filter(pk__gt=last)[:chunk]):
        last = found[-1].pk
        settled = without([order.public_id for order in found])
        by_key = {o.pk: Known(o) for o in found if o.public_id not in settled}
        _read(by_key)
        told = [known for known in by_key.values() if known.entries(*topics)]
        if told:
            yield told


def _read(by_key: dict[int, Known]) -> None:
    for entry in TimelineEntry.objects.filter(order_id__in=list(by_key)).order_by("at", "id"):
        by_key[entry.order_id].timeline.append(entry)
    for line in OrderLine.objects.filter(order_id__in=list(by_key)).order_by("id"):
        by_key[line.order_id].lines.append(line)
