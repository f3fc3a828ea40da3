"""Writing orders: everything that belongs to each of them, for all of them at once."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, OperationalError, connections, transaction
from uuid_utils.compat import uuid7

from orders import events
from orders.errors import KeyInUse, OrderRefused
from orders.menu import compiled
from orders.menu.compiled import Menu
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
    # Whence the request came, in its one form; None when that is not known.
    client_address: str | None = None
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


class Blocked(Exception):
    """Somebody has a table's lock, as a migration takes it, for longer than was waited."""


Outcome = Placed | OrderRefused | Repeated | KeyInUse


def commit(drafts: Sequence[Draft], *, now: datetime) -> dict[Draft, Outcome]:
    """Write orders in one transaction; gives what became of each.

    `OrderRefused` when the menu has changed against it, `Repeated` when its key is taken,
    `KeyInUse` when another process is at it. Raises `Blocked` and what the database raises, and
    then nothing is written. `now` is UTC. To be called again with one draft at a time when it
    raises for many: one taken key fails all.
    """
    outcomes: dict[Draft, Outcome] = {}
    try:
        with _one_transaction():
            menu, numbers = _reserve(len(drafts))
            ready = _priced_by(menu, drafts, outcomes)
            outcomes |= _insert(_first_of_keys(ready, outcomes), numbers, now)
    except IntegrityError as error:
        if len(drafts) > 1 or not is_of_a_key(error):
            raise
        return {drafts[0]: Repeated()}
    except OperationalError as error:
        if not _waited_too_long(error):
            raise
        if not _is_of_a_key_in_use(error):
            raise Blocked from error
        if len(drafts) > 1:
            raise KeyInUse(str(error)) from error
        return {drafts[0]: KeyInUse()}
    return outcomes


# Of the constraint's name on PostgreSQL, and of the table's on SQLite.
KEY_TAKEN = "orders_idempotency"


def is_of_a_key(error: Exception) -> bool:
    """Tell whether it says that an idempotency key is taken."""
    return isinstance(error, IntegrityError) and KEY_TAKEN in str(error)


def _waited_too_long(error: OperationalError) -> bool:
    """Tell whether a lock did not come in the time for which this connection waits for one."""
    # PostgreSQL's `lock_not_available`.
    return getattr(error.__cause__, "sqlstate", None) == "55P03"


def _is_of_a_key_in_use(error: OperationalError) -> bool:
    """Tell whether that lock was another transaction's, which has written one of the keys."""
    # In whatever language the server speaks, it names the index.
    return KEY_TAKEN in (error.__cause__.diag.context or "")  # type: ignore[union-attr]


def repeated_of(drafts: Sequence[Draft]) -> set[Draft]:
    """Give those whose idempotency keys are taken."""
    keyed = {(draft.customer_id, draft.key): draft for draft in drafts if draft.key}
    customers, keys = zip(*keyed, strict=True) if keyed else ((), ())
    # A few more than asked for, where customers have each other's keys.
    near = IdempotencyKey.objects.filter(customer_id__in=customers, key__in=keys)
    return {keyed[name] for name in near.values_list("customer_id", "key") if name in keyed}


# What one small query tells on PostgreSQL, outside any transaction: the writing is one statement.
RESERVE = """
    SELECT (SELECT token FROM orders_menuversion WHERE id = 1),
           nextval(pg_get_serial_sequence('orders_order', 'id'))
    FROM generate_series(1, %s)
"""


def _one_transaction() -> AbstractContextManager[object]:
    connection = connections["orders"]
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        return nullcontext()
    return transaction.atomic(using="orders")


def _reserve(count: int) -> tuple[Menu, list[int]]:
    """Give the menu as it stands, and numbers for so many orders.

    A dish is refused from the moment its absence is committed: a request that begins after it is
    written after it, and sees it here.
    """
    with connections["orders"].cursor() as cursor:
        if cursor.db.vendor == "postgresql":
            cursor.execute(RESERVE, [count])
            rows = cursor.fetchall()
            return compiled.known_as(rows[0][0]), [number for _, number in rows]
        # Nobody else writes meanwhile: the transaction is immediate.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'orders_order'")
        last = (cursor.fetchone() or (0,))[0]
    return compiled.current(), list(range(last + 1, last + 1 + count))


def _priced_by(menu: Menu, drafts: Sequence[Draft], outcomes: dict[Draft, Outcome]) -> list[Draft]:
    """Price orders again whose menu is an older one, and leave out those it now refuses."""
    ready = []
    for draft in drafts:
        try:
            if draft.order.menu != menu.token:
                draft.order = price(draft.request, menu)
            ready.append(draft)
        except OrderRefused as refused:
            outcomes[draft] = refused
    return ready


def _first_of_keys(drafts: Sequence[Draft], outcomes: dict[Draft, Outcome]) -> list[Draft]:
    """Leave out those whose key an earlier one of the batch has."""
    seen: set[tuple[UUID, str]] = set()
    first = []
    for draft in drafts:
        name = (draft.customer_id, draft.key)
        if draft.key and name in seen:
            outcomes[draft] = Repeated()
        else:
            seen.add(name)
            first.append(draft)
    return first


KEY_COLUMNS = ("customer_id", "key", "request_hash", "order_id", "created_at")
ORDER_COLUMNS = (
    "id",
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
    "client_address",
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


def _insert(drafts: Sequence[Draft], numbers: Sequence[int], now: datetime) -> dict[Draft, Outcome]:
    """Write everything that belongs to the orders, on PostgreSQL in one statement."""
    placed = {
        draft: Placed(draft.id, number, now, draft.order)
        for draft, number in zip(drafts, numbers, strict=False)
    }
    messages = [_message(draft, done) for draft, done in placed.items()]
    timeline: list[tuple[object, ...]] = [
        (done.number, message[0], message[1], Order.Status.PLACED, now, {})
        for done, message in zip(placed.values(), messages, strict=True)
    ]
    # Keys first, and sorted, so that two writers cannot deadlock.
    keys = sorted((d.customer_id, d.key, d.request_hash, d.id, now) for d in drafts if d.key)
    inserts = [
        bulk.Rows(IdempotencyKey, KEY_COLUMNS, keys),
        bulk.Rows(Order, ORDER_COLUMNS, [_order_row(d, done) for d, done in placed.items()]),
        bulk.Rows(OrderLine, LINE_COLUMNS, [r for done in placed.values() for r in _lines(done)]),
        bulk.Rows(TimelineEntry, TimelineEntry.COLUMNS, timeline),
        bulk.Rows(OutboxMessage, outbox.COLUMNS, messages),
    ]
    bulk.insert_together(inserts, using="orders")
    return dict(placed)


def _order_row(draft: Draft, placed: Placed) -> tuple[object, ...]:
    order, now = draft.order, placed.created_at
    return (
        placed.number,
        draft.id,
        draft.customer_id,
        Order.Status.PLACED,
        Order.Status.PLACED.rank,
        False,
        order.currency,
        order.total,
        order.address,
        order.note,
        1,
        draft.correlation_id,
        draft.client_address,
        now,
        now,
        "",
    )


def _lines(placed: Placed) -> list[tuple[object, ...]]:
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
    return outbox.row("orders", message, draft.correlation_id, placed.created_at)
