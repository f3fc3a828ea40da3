"""The watchdog: it marks, explains, republishes once, and takes the mark away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from auth_grpc.models import User
from delivery.models import Courier, Delivery
from kitchen.models import KitchenOrder, Station, Ticket
from orders.late import overdue_after
from orders.models import Order
from restaurant.messaging.models import outbox_of
from restaurant.staff import tasks
from restaurant.staff.reasons import reasons
from restaurant.staff.watchdog import watch
from tests.staff import dead, rows, town

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
NOW = rows.NOW
LATER = NOW + timedelta(hours=3)


def placed() -> Order:
    order = town.place(1, now=NOW)
    outbox_of("orders").objects.update(published_at=NOW)
    return order


def test_it_leaves_orders_alone_that_move() -> None:
    order = placed()
    assert watch(now=NOW + timedelta(minutes=119)) == (0, 0, 0)
    order.refresh_from_db()
    assert order.overdue_since is None
    assert outbox_of("orders").objects.filter(published_at=None).count() == 0


def test_it_marks_logs_and_republishes_once() -> None:
    order = placed()
    with capture_logs() as logs:
        assert watch(now=LATER) == (1, 1, 0)
    order.refresh_from_db()
    assert (order.overdue_since, order.overdue_reason) == (
        LATER,
        "the kitchen has not heard of it",
    )
    overdue = [entry for entry in logs if entry["event"] == "order_overdue"]
    assert [(entry["number"], entry["reason"]) for entry in overdue] == [
        (order.pk, "the kitchen has not heard of it")
    ]
    assert outbox_of("orders").objects.filter(published_at=None).count() == 1
    outbox_of("orders").objects.update(published_at=LATER)
    with capture_logs() as logs:
        assert watch(now=LATER + timedelta(minutes=1)) == (1, 0, 0)
    assert [entry for entry in logs if entry["event"] == "order_overdue"] == []
    assert outbox_of("orders").objects.filter(published_at=None).count() == 0


@pytest.mark.parametrize("ends_first", [True, False])
def test_it_marks_no_order_that_ends_meanwhile(ends_first: bool) -> None:
    order = placed()

    def end() -> None:
        # As the projection does.
        told = {"status": "delivered", "status_rank": 100, "overdue_since": None}
        Order.objects.filter(pk=order.pk).update(**told, overdue_reason="")

    def ending(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        is_marking = sql.startswith('UPDATE "orders_order" AS t')
        if is_marking and ends_first:
            end()
        done = execute(sql, *rest)
        if is_marking and not ends_first:
            end()
        return done

    with connections["orders"].execute_wrapper(ending):
        watch(now=LATER)
    order.refresh_from_db()
    assert (order.status, order.overdue_since, order.overdue_reason) == ("delivered", None, "")


def test_it_takes_the_mark_from_an_order_that_moves() -> None:
    order = placed()
    watch(now=LATER)
    town.carry(now=LATER)
    order.refresh_from_db()
    assert (order.status, order.overdue_since) == (Order.Status.ACCEPTED, None)
    Order.objects.update(overdue_since=LATER, overdue_reason="it waits")
    assert watch(now=LATER + timedelta(minutes=1)) == (0, 0, 1)
    order.refresh_from_db()
    assert (order.overdue_since, order.overdue_reason) == (None, "")


def test_it_leaves_ended_orders_alone() -> None:
    placed()
    Order.objects.update(status="delivered", status_rank=100)
    assert watch(now=LATER) == (0, 0, 0)


def test_it_waits_as_long_as_the_simulation_makes_it(settings: Any) -> None:
    assert overdue_after() == timedelta(hours=2)
    settings.SIMULATION_SPEED = 60
    assert overdue_after() == timedelta(minutes=2)
    settings.SIMULATION_SPEED = 100_000
    assert overdue_after() == timedelta(seconds=30)


def test_it_does_without_the_databases_that_are_not_here(settings: Any) -> None:
    order = placed()
    nothing = {"ENGINE": "django.db.backends.dummy"}
    settings.DATABASES = {**settings.DATABASES, "kitchen": nothing, "delivery": nothing}
    assert watch(now=LATER) == (1, 1, 0)
    order.refresh_from_db()
    assert order.overdue_reason == "the kitchen's book cannot be read here"


@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True)
@pytest.mark.parametrize(
    ("service", "why"),
    [
        ("kitchen", "the kitchen's book does not answer"),
        ("delivery", "the kitchen has not heard of it"),
    ],
)
def test_it_marks_though_a_database_does_not_answer_and_republishes_when_it_does(
    service: str, why: str
) -> None:
    order = placed()
    lost = rows.outbox(service, key=str(order.public_id), published_at=NOW)
    with dead.database_of(service), capture_logs() as logs:
        assert watch(now=LATER) == (1, 1, 0)
    order.refresh_from_db()
    assert (order.overdue_since, order.overdue_reason) == (LATER, why)
    assert outbox_of("orders").objects.filter(published_at=None).count() == 1
    left_out = [entry for entry in logs if entry["event"] == "republish_incomplete"]
    assert [(entry["service"], entry["orders"]) for entry in left_out] == [(service, 1)]
    # Why it waits is told anew in each run, and what could not be sent again then is sent now.
    assert watch(now=LATER + timedelta(minutes=1)) == (1, 0, 0)
    order.refresh_from_db()
    assert order.overdue_reason == "order_created waits in the outbox of orders"
    lost.refresh_from_db()
    assert (lost.published_at, lost.republished) == (None, 1)
    for name in ("orders", service):
        outbox_of(name).objects.update(published_at=LATER + timedelta(minutes=2))
    assert watch(now=LATER + timedelta(minutes=3)) == (1, 0, 0)
    for name in ("orders", service):
        assert [row.republished for row in outbox_of(name).objects.all()] == [1]


def test_it_runs_as_a_task() -> None:
    placed()
    tasks.watchdog()
    assert Order.objects.get().overdue_reason


def test_it_is_seen_on_the_staff_site(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # The list knows late orders before the watchdog does: it looks at the same time here.
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    late, fine = placed(), placed()
    Order.objects.filter(pk=fine.pk).update(updated_at=LATER)
    watch(now=LATER)
    client.force_login(User.objects.create_superuser("boss@example.com"))
    answer = client.get(reverse("admin:orders_order_changelist") + "?overdue=yes")
    assert [order.pk for order in answer.context["cl"].queryset] == [late.pk]
    answer = client.get(reverse("admin:orders_order_change", args=[late.pk]))
    assert b"the kitchen has not heard of it" in answer.content


Setting = Callable[[Order], Any]


def in_kitchen(order: Order, **fields: Any) -> KitchenOrder:
    return rows.kitchen_order(1, order_id=order.public_id, **fields)


def at_station(order: Order, station: Station, **fields: Any) -> None:
    rows.ticket(1, of=in_kitchen(order, open_tickets=1), at=station, **fields)


def at_full_station(order: Order) -> None:
    grill = rows.station(1, name="Grill", capacity=1)
    rows.ticket(2, at=grill, status=Ticket.Status.COOKING)
    at_station(order, grill)


def in_delivery(order: Order, **fields: Any) -> Delivery:
    in_kitchen(order, status="cooked")
    return rows.delivery(1, order_id=order.public_id, **fields)


def awaiting(order: Order) -> None:
    in_delivery(order, status="awaiting_courier", waiting_since=NOW)


def awaiting_with_somebody_on_shift(order: Order) -> None:
    awaiting(order)
    rows.courier(1)


def discarded(order: Order, service: str, topic: str) -> Any:
    decision = {"discarded_at": NOW, "discarded_by": "ann", "discard_reason": "A test order"}
    return rows.dead_letter(service, key=str(order.public_id), topic=topic, **decision)


REASONS: list[tuple[Setting, str]] = [
    (lambda o: None, "the kitchen has not heard of it"),
    (
        lambda o: discarded(o, "kitchen", "order_created"),
        "order_created was discarded for kitchen by ann: A test order",
    ),
    (
        # Another service's does not keep it from getting on.
        lambda o: discarded(o, "orders", "order_accepted"),
        "the kitchen has not heard of it",
    ),
    (
        lambda o: (in_kitchen(o, status="cooked"), discarded(o, "delivery", "order_cooked")),
        "order_cooked was discarded for delivery by ann: A test order",
    ),
    (
        lambda o: (in_kitchen(o, status="cancelled"), discarded(o, "orders", "order_cancelled")),
        "order_cancelled was discarded for orders by ann: A test order",
    ),
    (
        lambda o: outbox_of("orders").objects.update(published_at=None),
        "order_created waits in the outbox of orders",
    ),
    (
        lambda o: rows.dead_letter("kitchen", key=str(o.public_id), error="e" * 300),
        "order_created is a dead letter of kitchen: eee",
    ),
    (at_full_station, "Grill is full"),
    (lambda o: at_station(o, rows.station(1)), "waits to be started at Oven"),
    (
        lambda o: at_station(o, rows.station(1), status="cooking"),
        "waits to be bumped at Oven",
    ),
    (
        lambda o: at_station(o, rows.station(1), status="cooking", due_at=NOW),
        "the timer of Oven is late: is the kitchen's worker running?",
    ),
    (
        lambda o: at_station(o, rows.station(1), status="cooking", due_at=LATER),
        "cooks at Oven",
    ),
    (lambda o: in_kitchen(o, status="cooked"), "delivery has not heard that it is cooked"),
    (
        lambda o: in_kitchen(o, status="cancelled"),
        "orders has not heard that the kitchen says cancelled",
    ),
    (awaiting, "waits for a courier since 12:00 UTC: nobody is on shift"),
    (
        awaiting_with_somebody_on_shift,
        "waits for a courier since 12:00 UTC: all are busy",
    ),
    (
        lambda o: in_delivery(o, status="awaiting_courier", waiting_since=NOW, held_by="Ben"),
        "Ben keeps it from being assigned since 12:00 UTC",
    ),
    (in_delivery, "waits to be picked up by Courier 1"),
    (
        lambda o: (in_delivery(o), Delivery.objects.update(due_at=NOW)),
        "Courier 1's timer is late: is delivery's worker running?",
    ),
    (
        lambda o: (in_delivery(o), Delivery.objects.update(status="out_for_delivery")),
        "on the road with Courier 1",
    ),
    (
        lambda o: (in_delivery(o), Delivery.objects.update(status="delivered")),
        "orders has not heard that delivery says delivered",
    ),
]


@pytest.mark.parametrize(("arrange", "why"), REASONS, ids=[why for _, why in REASONS])
def test_it_says_what_an_order_waits_for(arrange: Setting, why: str) -> None:
    order = placed()
    arrange(order)
    found = reasons([order], now=LATER - timedelta(hours=1))[order.public_id]
    assert found.startswith(why)
    assert len(found) <= 200
    assert Courier.objects.count() <= 1
