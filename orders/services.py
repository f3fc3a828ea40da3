"""What can be done with orders and the menu: every write goes through here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from hashlib import blake2b
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import events, intake
from orders.cache import order_cache
from orders.errors import (
    KeyInUse,
    KeyReused,
    OrderCooked,
    OrderEnded,
    OrderRefused,
    UnknownItem,
    UnknownOrder,
)
from orders.menu import compiled, editing
from orders.models import (
    ENDED,
    IdempotencyKey,
    MenuItem,
    MenuVersion,
    Order,
    OutboxMessage,
    TimelineEntry,
)
from orders.placing import Draft, Placed, Repeated
from orders.pricing import PricedOrder, price, refusals_of
from orders.requests import Misfit, OrderRequest, decode_order, fingerprint
from restaurant import bulk, trail
from restaurant.messaging import outbox

CHUNK = 5000


def read_request(body: bytes) -> OrderRequest:
    """Read a request for an order from its JSON.

    Raises `Malformed` when it is none, or `Misfit` with everything that is wrong with it, the
    menu's objections to its readable lines included.
    """
    try:
        return decode_order(body)
    except Misfit as misfit:
        misfit.refusals += refusals_of(misfit.lines.items(), compiled.current())
        raise


def place_order(
    *,
    customer_id: UUID,
    request: OrderRequest,
    correlation_id: str,
    key: str = "",
    client_address: str | None = None,
) -> Placed | Order:
    """Place an order, and give it once it is committed; `client_address` is whence it came.

    With an idempotency `key`, a repeat of the same request gives the order as it is now stored.
    Raises `OrderRefused` with everything that is wrong with the request, `KeyReused` when the key
    named another request, `KeyInUse` when another process is at the first request with it,
    `IntakeUnavailable` when orders cannot be taken now.
    """
    request_hash = blake2b(fingerprint(request), digest_size=16).hexdigest() if key else ""
    try:
        return intake.place(
            Draft(
                customer_id=customer_id,
                request=request,
                order=_price(request),
                correlation_id=correlation_id,
                key=key,
                request_hash=request_hash,
                client_address=client_address,
            )
        )
    except (Repeated, KeyInUse, OrderRefused) as error:
        # Refused or not by today's menu: what was placed under this key stays placed.
        if key and (order := _placed_before(customer_id, key, request_hash)):
            return order
        if isinstance(error, OrderRefused):
            # Told again in the client's language, which the writer does not know.
            price(request, compiled.current())
        raise


def has_placed(customer_id: UUID, key: str) -> bool:
    """Tell whether a customer has placed an order under an idempotency key."""
    return IdempotencyKey.objects.filter(customer_id=customer_id, key=key).exists()


def _price(request: OrderRequest) -> PricedOrder:
    menu = compiled.at_hand()
    try:
        return price(request, menu)
    except OrderRefused:
        # A menu that has changed since may allow it.
        newer = compiled.current()
        if newer is menu:
            raise
        return price(request, newer)


def _placed_before(customer_id: UUID, key: str, request_hash: str) -> Order | None:
    found = IdempotencyKey.objects.filter(customer_id=customer_id, key=key).first()
    if found is None:
        return None
    if found.request_hash != request_hash:
        raise KeyReused(key)
    return Order.objects.prefetch_related("lines").get(public_id=found.order_id)


def request_cancel(*, public_id: UUID, requested_by: UUID, reason: str = "") -> Order:
    """Ask the kitchen to cancel an order; asking again changes nothing, be it cancelled meanwhile.

    Raises `UnknownOrder`; `OrderEnded` or `OrderCooked` when it is too late. Where orders has not
    heard of it yet, the kitchen refuses.
    """
    now = timezone.now()
    with transaction.atomic(using="orders"):
        order = Order.objects.select_for_update().filter(public_id=public_id).first()
        if order is None:
            raise UnknownOrder(str(public_id))
        trail.changing(order)
        if order.status == Order.Status.CANCELLED:
            return order
        _require_not_cooked(order)
        if order.cancel_requested:
            return order
        order.cancel_requested = True
        order.version += 1
        order.updated_at = now
        order.save(update_fields=["cancel_requested", "version", "updated_at"])
        message = events.order_cancel_requested(
            id_=public_id, reason=reason, requested_by=requested_by, requested_at=now
        )
        row = outbox.row("orders", message, order.correlation_id, now)
        bulk.insert(OutboxMessage, outbox.COLUMNS, [row], using="orders")
        detail = {"reason": reason} if reason else {}
        entry = (order.pk, *row[:2], "", now, detail)
        bulk.insert(TimelineEntry, TimelineEntry.COLUMNS, [entry], using="orders")
        # Once it is committed, which a caller's transaction may do later.
        transaction.on_commit(partial(order_cache.refresh, [order]), using="orders")
    return order


def _require_not_cooked(order: Order) -> None:
    case = _("the order is %(status)s") % {"status": order.get_status_display()}
    if order.is_ended:
        raise OrderEnded(case)
    if order.status_rank >= Order.Status.COOKED.rank:
        raise OrderCooked(case)


def set_availability(*, sku: str, available: bool) -> bool:
    """Take an item off today's menu (86 it) or put it back; tells whether that was a change.

    Screens are told of a change once it is committed.
    Raises `UnknownItem`.
    """
    with transaction.atomic(using="orders"):
        # Before the item, as every edit of the menu does: two of them never wait for each other.
        MenuVersion.objects.select_for_update().first()
        item = MenuItem.objects.select_for_update(of=("self",)).filter(sku=sku).first()
        if item is None:
            raise UnknownItem(sku)
        trail.changing(item)
        if item.available == available:
            return False
        item.available = available
        item.save(update_fields=["available"])
        editing.announce([sku], now=timezone.now())
    return True


def unfinished_orders() -> QuerySet[Order]:
    """Give the orders that have not ended, those that moved longest ago first."""
    return Order.objects.filter(status_rank__lt=ENDED).order_by("updated_at", "id")


def erase_client_addresses(*, placed_before: datetime) -> int:
    """Forget whence orders came that were placed before a time (UTC); gives how many knew it."""
    erased, last = 0, 0
    known = Order.objects.filter(client_address__isnull=False, created_at__lt=placed_before)
    keyed = known.order_by("pk").values_list("pk", flat=True)
    # Onwards by key, so that what was erased is not passed over again.
    while keys := list(keyed.filter(pk__gt=last)[:CHUNK]):
        erased, last = erased + len(keys), keys[-1]
        Order.objects.filter(pk__in=keys).update(client_address=None)
    return erased


def mark_overdue(reasons: Mapping[UUID, str], *, now: datetime) -> list[UUID]:
    """Mark orders whose next event is late, each with why; gives those that were not marked yet.

    Keys are public ids, `now` is UTC. Orders that have ended meanwhile are left alone. Moving on
    takes the mark away.
    """
    overdue = Order.objects.filter(public_id__in=reasons, overdue_since__isnull=False)
    since = dict(overdue.values_list("public_id", "overdue_since"))
    updated = bulk.update(
        Order,
        "public_id",
        ["overdue_reason", "overdue_since"],
        [(id_, reason[:200], since.get(id_, now)) for id_, reason in reasons.items()],
        using="orders",
        # In the one statement: an order that ended after it was looked at keeps no mark.
        where=f"t.status_rank < {ENDED}",
        returning=("public_id",),
    )
    return [id_ for (id_,) in updated if id_ not in since]


def clear_overdue(public_ids: Iterable[UUID]) -> int:
    """Take the mark from orders; gives how many had it."""
    overdue = Order.objects.filter(public_id__in=list(public_ids), overdue_since__isnull=False)
    return overdue.update(overdue_since=None, overdue_reason="")
