"""The rules: what the books must say of an order, whichever way it went."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import NamedTuple

from delivery.models import Delivery
from kitchen.models import KitchenOrder, Ticket
from orders.models import Order
from proto import delivery_pb2, kitchen_pb2, orders_pb2
from restaurant.messaging.contracts import topic_of
from restaurant.staff.audit.cases import READERS, Case
from restaurant.staff.audit.findings import Finding, Kind

CREATED = topic_of(orders_pb2.OrderCreated)
CANCEL_REQUESTED = topic_of(orders_pb2.OrderCancelRequested)
ACCEPTED = topic_of(kitchen_pb2.OrderAccepted)
REJECTED = topic_of(kitchen_pb2.OrderRejected)
COOKING = topic_of(kitchen_pb2.OrderCooking)
COOKED = topic_of(kitchen_pb2.OrderCooked)
CANCELLED = topic_of(kitchen_pb2.OrderCancelled)
CANCEL_REJECTED = topic_of(kitchen_pb2.OrderCancelRejected)
DISPATCHED = topic_of(delivery_pb2.OrderDispatched)
DELIVERED = topic_of(delivery_pb2.OrderDelivered)
DELIVERY_FAILED = topic_of(delivery_pb2.OrderDeliveryFailed)

# What happens to an order at most once. The others may: a second try, a second request to cancel.
ONCE = {
    CREATED,
    ACCEPTED,
    REJECTED,
    COOKING,
    COOKED,
    CANCELLED,
    DELIVERED,
    DELIVERY_FAILED,
}
# Of these an order has one at most.
ENDS = {REJECTED, CANCELLED, DELIVERED, DELIVERY_FAILED}

O, K, D = Order.Status, KitchenOrder.Status, Delivery.Status  # noqa: E741 - read beside K and D


class Limits(NamedTuple):
    """Since when (UTC) something may be as it is without being stuck."""

    message: datetime
    order: datetime


class Implied(NamedTuple):
    """What an order's status says of the other books, and of the timeline once all has arrived."""

    kitchen: Set[str]
    delivery: Set[str]
    happened: Set[str]


_COOKED = {K.COOKED}
_ANY_DELIVERY = set(Delivery.Status)
IMPLIED: dict[str, Implied] = {
    # Nothing is implied where the kitchen may not have heard of it yet.
    O.ACCEPTED: Implied({K.QUEUED, K.COOKING, K.COOKED, K.CANCELLED}, set(), {ACCEPTED}),
    O.COOKING: Implied({K.COOKING, K.COOKED, K.CANCELLED}, set(), {ACCEPTED, COOKING}),
    O.COOKED: Implied(_COOKED, set(), {ACCEPTED, COOKING, COOKED}),
    O.OUT_FOR_DELIVERY: Implied(_COOKED, _ANY_DELIVERY, {ACCEPTED, COOKING, COOKED, DISPATCHED}),
    O.DELIVERED: Implied(
        _COOKED, {D.DELIVERED}, {ACCEPTED, COOKING, COOKED, DISPATCHED, DELIVERED}
    ),
    O.DELIVERY_FAILED: Implied(
        _COOKED, {D.FAILED, D.CANCELLED}, {ACCEPTED, COOKING, COOKED, DELIVERY_FAILED}
    ),
    O.CANCELLED: Implied({K.CANCELLED}, set(), {CANCELLED}),
    O.REJECTED: Implied({K.REJECTED}, set(), {REJECTED}),
}
# What a service's own status says it has published.
KITCHEN_SAYS: dict[str, str] = {K.COOKED: COOKED, K.CANCELLED: CANCELLED, K.REJECTED: REJECTED}
DELIVERY_SAYS: dict[str, str] = {
    D.DELIVERED: DELIVERED,
    D.FAILED: DELIVERY_FAILED,
    D.CANCELLED: DELIVERY_FAILED,
}


def check(case: Case, limits: Limits) -> Iterator[Finding]:
    """Tell what is wrong with an order."""
    for rules in (_own_book, _events, _kitchen, _delivery, _status):
        for kind, what in rules(case, limits):
            yield Finding(kind, what, order_id=case.order.public_id, number=case.order.pk)


Wrongs = Iterator[tuple[Kind, str]]


def _own_book(case: Case, limits: Limits) -> Wrongs:
    if not case.order.is_ended and case.order.updated_at < limits.order:
        yield Kind.STUCK, f"it is {case.order.status}, and its next event is overdue"
    if not case.dishes:
        yield Kind.MISSING, "it has no lines"
    elif case.lines_total != case.order.total:
        yield Kind.WRONG, f"its total is {case.order.total}, its lines' {case.lines_total}"
    told = Counter(told.topic for told in case.timeline if told.topic in ONCE)
    for topic in sorted(topic for topic, count in told.items() if count > 1):
        yield Kind.DOUBLED, f"{topic} is in its timeline {told[topic]} times"
    if len(ends := sorted(ENDS & told.keys())) > 1:
        yield Kind.DOUBLED, f"it ended more than once: {', '.join(ends)}"
    if CREATED not in told:
        yield Kind.MISSING, f"{CREATED} is not in its timeline"


def _events(case: Case, limits: Limits) -> Wrongs:
    """Look at the outboxes: each effect said once, and heard by those who read it."""
    said = Counter(said.topic for said in case.said.values() if said.topic in ONCE)
    for topic in sorted(topic for topic, count in said.items() if count > 1):
        yield Kind.DOUBLED, f"{topic} was sent as {said[topic]} events"
    told = {told.event_id for told in case.timeline}
    for saying in case.said.values():
        for reader in READERS[saying.topic]:
            if (reader, saying.event_id) in case.heard:
                if reader == "orders" and saying.event_id not in told:
                    yield Kind.MISSING, f"{saying.topic} was handled and is not in its timeline"
            elif saying.published_at and saying.published_at < limits.message:
                yield Kind.STUCK, f"{saying.topic} is published, and {reader} has not handled it"


def _kitchen(case: Case, limits: Limits) -> Wrongs:
    kitchen = case.kitchen
    if kitchen is None:
        if case.has_handled("kitchen", CREATED):
            yield Kind.MISSING, f"the kitchen handled {CREATED} and does not have it"
        elif not case.sayings(CREATED):
            yield Kind.MISSING, f"the kitchen does not have it, and {CREATED} is not in the outbox"
        return
    cooks = kitchen.status in (K.QUEUED, K.COOKING, K.COOKED)
    dishes = sum(line["quantity"] for ticket in case.tickets for line in ticket.lines)
    if (cooks or case.tickets) and dishes != case.dishes:
        yield Kind.WRONG, f"its tickets hold {dishes} dishes, its lines {case.dishes}"
    left = sum(t.status in (Ticket.Status.QUEUED, Ticket.Status.COOKING) for t in case.tickets)
    if left != kitchen.open_tickets or (cooks and (kitchen.status == K.COOKED) != (left == 0)):
        yield Kind.WRONG, f"the kitchen says {kitchen.status}, and {left} of its tickets are open"
    if kitchen.status in K.QUEUED and any(t.status == Ticket.Status.DONE for t in case.tickets):
        yield Kind.WRONG, "the kitchen says queued, and a ticket of it is done"
    yield from _unsaid(case, "the kitchen", kitchen.status, KITCHEN_SAYS)


def _delivery(case: Case, limits: Limits) -> Wrongs:
    delivery = case.delivery
    if delivery is None:
        if case.has_handled("delivery", COOKED):
            yield Kind.MISSING, f"delivery handled {COOKED} and does not have it"
        return
    if case.kitchen is None or case.kitchen.status != K.COOKED:
        state = case.kitchen.status if case.kitchen else "nothing"
        yield Kind.WRONG, f"delivery has it, and the kitchen says {state}"
    yield from _unsaid(case, "delivery", delivery.status, DELIVERY_SAYS)


def _unsaid(case: Case, whose: str, status: str, says: Mapping[str, str]) -> Wrongs:
    """Tell of an end that was never said; once told, an outbox may forget it."""
    topic = says.get(status)
    if topic and not case.sayings(topic) and topic not in case.happened:
        yield Kind.MISSING, f"{whose} says {status}, and {topic} is neither in the outbox nor told"


def _status(case: Case, limits: Limits) -> Wrongs:
    """Compare what the order's status stands for with the other books and the timeline."""
    status = case.order.status
    furthest = max((O(t.status).rank for t in case.timeline if t.status), default=0)
    if furthest > case.order.status_rank:
        yield Kind.WRONG, f"it is {status}, and its timeline has come further"
    implied = IMPLIED.get(status)
    if implied is None:
        return
    kitchen = case.kitchen.status if case.kitchen else "nothing"
    if kitchen not in implied.kitchen:
        yield Kind.WRONG, f"it is {status}, and the kitchen says {kitchen}"
    delivery = case.delivery.status if case.delivery else "nothing"
    if implied.delivery and delivery not in implied.delivery:
        yield Kind.WRONG, f"it is {status}, and delivery says {delivery}"
    if case.order.updated_at < limits.message:
        for topic in sorted(implied.happened - case.happened):
            yield Kind.MISSING, f"it is {status}, and {topic} is not in its timeline"
