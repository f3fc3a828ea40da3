"""Writing orders: everything that belongs to each of them, for all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from orders import events
from orders.errors import OrderRefused
from orders.menu import compiled
from orders.models import IdempotencyKey, Order, OrderLine, OutboxMessage, TimelineEntry
from orders.pricing import PricedOrder, price
from orders.requests import OrderRequest
from restaurant import bulk
from restaurant.messaging import outbox


@dataclass(slots=True, eq=False)
class Draft:
    """An order that is to be written."""

    customer_id: UUID
    request: OrderRequest
    order: PricedOrder
    correlation_id: str
    # The customer's idempotency key, empty for none, and what tells another request from this.
    key: str = ""
    request_hash: str = ""
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was committed."""

    id: UUID
    number: int
    created_at: datetime
    order: PricedOrder


class Repeated(Exception):
    """The idempotency key is taken: the order that has it tells the rest."""


Outcome = Placed | OrderRefused | Repeated


def commit(drafts: Sequence[Draft], *, now: datetime) -> dict[Draft, Outcome]:
    """Write orders in one transaction; gives what became of each.

    `OrderRefused` when the menu has changed against it, `Repeated` when its key is taken. Raises
    what the database raises, and then nothing is written. `now` is UTC.
    """
    outcomes: dict[Draft, Outcome] = {}
    with transaction.atomic(using="orders"):
        ready = _priced_now(drafts, outcomes)
        new = _with_new_keys(ready, now)
        placed = _insert(new, now)
    for draft in ready:
        outcomes[draft] = placed.get(draft) or Repeated()
    return outcomes


def _priced_now(drafts: Sequence[Draft], outcomes: dict[Draft, Outcome]) -> list[Draft]:
    """Price orders again whose menu is an older one, and leave out those it now refuses.

    A dish is refused from the moment its absence is committed: a request that begins after it is
    written after it, and sees it here.
    """
    menu = compiled.known_as(compiled.version())
    ready = []
    for draft in drafts:
        try:
            if draft.order.menu != menu.token:
                draft.order = price(draft.request, menu)
            ready.append(draft)
        except OrderRefused as refused:
            outcomes[draft] = refused
    return ready


def _with_new_keys(drafts: Sequence[Draft], now: datetime) -> list[Draft]:
    """Write the idempotency keys; gives the orders without one, and those whose key was free."""
    # The first of a key in the batch has it. Sorted, so that two writers cannot deadlock.
    keyed = {(draft.customer_id, draft.key): draft for draft in reversed(drafts) if draft.key}
    rows = [
        (customer_id, key, draft.request_hash, draft.id, now)
        for (customer_id, key), draft in sorted(keyed.items(), key=lambda item: item[0])
    ]
    taken = bulk.insert(
        IdempotencyKey,
        ("customer_id", "key", "request_hash", "order_id", "created_at"),
        rows,
        using="orders",
        ignore_conflicts=True,
        returning=("order_id",),
    )
    ours = {order_id for (order_id,) in taken}
    return [draft for draft in drafts if not draft.key or draft.id in ours]


ORDER_COLUMNS = (
    "public_id",
    "customer_id",
    "status",
    "status_rank",
    "cancel_requested",
    "currency",
    "total",
    "address",
    "note",
    "version",
    "correlation_id",
    "created_at",
    "updated_at",
    "overdue_reason",
)
LINE_COLUMNS = (
    "order_id",
    "sku",
    "name",
    "quantity",
    "unit_price",
    "station",
    "preparation_seconds",
    "note",
    "options",
)


def _insert(drafts: Sequence[Draft], now: datetime) -> dict[Draft, Placed]:
    """Write orders, lines, timeline and outbox, each for all orders at once."""
    orders = [_order_row(draft, now) for draft in drafts]
    inserted = bulk.insert(
        Order, ORDER_COLUMNS, orders, using="orders", returning=("public_id", "id")
    )
    numbers = dict(inserted)
    placed = {draft: Placed(draft.id, numbers[draft.id], now, draft.order) for draft in drafts}
    messages = [_message(draft, placed[draft]) for draft in drafts]
    lines = [row for draft in drafts for row in _line_rows(placed[draft])]
    timeline: list[tuple[object, ...]] = [
        (done.number, message[0], message[1], Order.Status.PLACED, now, {})
        for done, message in zip(placed.values(), messages, strict=True)
    ]
    inserts = [
        bulk.Rows(OrderLine, LINE_COLUMNS, lines),
        bulk.Rows(TimelineEntry, TimelineEntry.COLUMNS, timeline),
        bulk.Rows(OutboxMessage, outbox.COLUMNS, messages),
    ]
    bulk.insert_together(inserts, using="orders")
    return placed


def _order_row(draft: Draft, now: datetime) -> tuple[object, ...]:
    order = draft.order
    status = Order.Status.PLACED
    return (
        draft.id,
        draft.customer_id,
        status,
        status.rank,
        False,
        order.currency,
        order.total,
        order.address,
        order.note,
        1,
        draft.correlation_id,
        now,
        now,
        "",
    )


def _line_rows(placed: Placed) -> list[tuple[object, ...]]:
    return [
        (
            placed.number,
            line.sku,
            line.name,
            line.quantity,
            line.unit_price,
            line.station,
            line.preparation_seconds,
            line.note,
            line.options,
        )
        for line in placed.order.lines
    ]


def _message(draft: Draft, placed: Placed) -> tuple[object, ...]:
    """Give the outbox row; its first two values are the event's id and its topic."""
    message = events.order_created(
        placed.order,
        id_=placed.id,
        number=placed.number,
        customer_id=draft.customer_id,
        placed_at=placed.created_at,
    )
    return outbox.row(message, draft.correlation_id, placed.created_at)
