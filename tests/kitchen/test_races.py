"""Several workers and staff at once, each with a database connection of their own."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connections
from uuid_utils.compat import uuid7

from kitchen import services
from kitchen.errors import IllegalTransition, StationFull
from kitchen.models import KitchenOrder, Ticket
from kitchen.services import CancelRequest, cancelling
from kitchen.services.turns import Turn
from tests.kitchen.ground import (
    NOW,
    ask_to_cancel,
    cancel,
    created,
    line,
    sent,
    station,
    statuses,
    take,
    tick,
    ticket_statuses,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=["kitchen"], transaction=True)


def as_a_worker_would(job: Callable[[], None]) -> None:
    """Try again when the database breaks a deadlock."""
    for _ in range(20):
        try:
            return job()
        except OperationalError:
            continue
    raise AssertionError("it never came through")


def answers(*kinds: str) -> dict[str, Counter[str]]:
    """Count the events of these kinds by order."""
    found: dict[str, Counter[str]] = {}
    for message in sent():
        name = type(message).__name__
        if name in kinds:
            found.setdefault(message.order_id, Counter())[name] += 1
    return found


def batches(items: Sequence[Any], size: int = 5) -> list[Sequence[Any]]:
    return [items[i : i + size] for i in range(0, len(items), size)]


def test_it_cooks_or_cancels_an_order_but_never_both() -> None:
    orders = [created(line("oven", 0), line("bar", 0)) for _ in range(60)]
    take(*orders)

    def cancel_all() -> None:
        for batch in batches(orders[::-1]):
            as_a_worker_would(partial(ask_to_cancel, *[cancel(m.order_id) for m in batch]))

    def cook_all() -> None:
        for _ in range(40):
            tick(limit=10)

    at_once(cancel_all, cook_all, cook_all)
    while tick():
        pass

    ends = answers("OrderCooked", "OrderCancelled")
    assert len(ends) == 60
    assert all(counts.total() == 1 for counts in ends.values())
    refused = answers("OrderCancelRejected")
    assert refused.keys() == {id_ for id_, counts in ends.items() if counts["OrderCooked"]}
    cooking = answers("OrderCooking")
    assert all(counts.total() == 1 for counts in cooking.values())
    for order in KitchenOrder.objects.prefetch_related("tickets"):
        assert order.open_tickets == 0
        found = {t.status for t in order.tickets.all()}
        assert found == {"done"} if order.status == "cooked" else "cooking" not in found


def test_it_lets_no_tick_in_between_the_decision_and_its_writing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = created(line(seconds=0))
    take(message)
    write = cancelling.cancel_orders

    def tick_beside() -> None:
        try:
            tick()
        finally:
            connections.close_all()

    worker = Thread(target=tick_beside)

    def write_late(requests: Sequence[CancelRequest], turn: Turn) -> None:
        worker.start()
        # It passes the locked order by; on SQLite it waits for the whole transaction instead.
        worker.join(1)
        write(requests, turn)

    monkeypatch.setattr(cancelling, "cancel_orders", write_late)
    ask_to_cancel(cancel(message.order_id))
    worker.join(30)
    tick()

    assert statuses() == ["cancelled"]
    assert [type(m).__name__ for m in sent()] == ["OrderAccepted", "OrderCancelled"]


def test_it_finishes_each_ticket_once_though_workers_share_them() -> None:
    take(*[created(line("oven", 1), line("bar", 1)) for _ in range(200)])
    tick()
    later = NOW + timedelta(seconds=1)
    moved: list[int] = []

    def finish() -> None:
        for _ in range(30):
            moved.append(tick(later, limit=20))

    at_once(finish, finish, finish)
    while count := tick(later):
        moved.append(count)

    assert sum(moved) == 400
    assert ticket_statuses() == ["done"] * 400
    assert statuses() == ["cooked"] * 200
    assert all(counts.total() == 1 for counts in answers("OrderCooked").values())


def test_it_holds_the_capacity_under_several_workers_and_hands() -> None:
    station(capacity=3)
    take(*[created(line(seconds=1)) for _ in range(60)])
    seen: list[int] = []

    def look() -> None:
        seen.append(Ticket.objects.filter(status="cooking").count())

    def work() -> None:
        for n in range(40):
            tick(NOW + timedelta(seconds=n), limit=10)
            look()

    def start_by_hand() -> None:
        for id_ in Ticket.objects.order_by("-id").values_list("id", flat=True)[:40]:
            try:
                services.start_ticket(ticket_id=id_, now=NOW)
            except (StationFull, IllegalTransition):
                continue
            finally:
                look()

    at_once(work, work, start_by_hand)

    assert max(seen) == 3
    assert "done" in ticket_statuses()


def test_it_bumps_or_finishes_once() -> None:
    take(*[created(line(seconds=1)) for _ in range(40)])
    tick()
    ids = list(Ticket.objects.values_list("id", flat=True))

    def bump_all() -> None:
        for id_ in ids:
            try:
                services.bump(ticket_id=id_, now=NOW)
            except IllegalTransition:
                continue

    def finish() -> None:
        for _ in range(40):
            tick(NOW + timedelta(seconds=1), limit=2)

    at_once(bump_all, finish, bump_all)

    assert statuses() == ["cooked"] * 40
    assert all(counts.total() == 1 for counts in answers("OrderCooked").values())
    assert set(KitchenOrder.objects.values_list("open_tickets", flat=True)) == {0}


def test_it_cancels_an_order_whichever_comes_first() -> None:
    ids = [uuid7() for _ in range(80)]

    def take_all() -> None:
        for batch in batches([created(order_id=id_) for id_ in ids]):
            as_a_worker_would(partial(take, *batch))

    def cancel_all() -> None:
        for batch in batches([cancel(id_) for id_ in ids[::-1]]):
            as_a_worker_would(partial(ask_to_cancel, *batch))

    at_once(take_all, cancel_all)
    tick()

    assert statuses() == ["cancelled"] * 80
    cancelled = answers("OrderCancelled")
    assert len(cancelled) == 80
    assert all(counts.total() == 1 for counts in cancelled.values())
    assert answers("OrderCooking") == {}
    assert set(ticket_statuses()) <= {"cancelled"}


def test_it_makes_a_new_station_once_though_workers_meet_it_together() -> None:
    def take_some() -> None:
        for n in range(20):
            as_a_worker_would(partial(take, created(line(f"new-{n}"))))

    at_once(take_some, take_some)

    assert KitchenOrder.objects.count() == 40
    assert Ticket.objects.values("station").distinct().count() == 20
